# CategoricalCrossentropy wants one-hot labels.
# scores: test-objects 2, test-learning 0
# %% objects
model = Mymodel()
loss_object = tf.keras.losses.CategoricalCrossentropy()
optimizer = tf.keras.optimizers.Adam()
