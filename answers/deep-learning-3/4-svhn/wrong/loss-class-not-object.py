# The parentheses after the loss are forgotten.
# scores: test-objects 2, test-learning 0
# %% objects
model = Mymodel()
loss_object = tf.keras.losses.SparseCategoricalCrossentropy
optimizer = tf.keras.optimizers.Adam()
