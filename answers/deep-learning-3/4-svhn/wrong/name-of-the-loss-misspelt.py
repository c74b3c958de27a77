# The loss has another name than the exercise asks for.
# scores: test-objects 2, test-learning 0
# %% objects
model = Mymodel()
loss_objct = tf.keras.losses.SparseCategoricalCrossentropy()
optimizer = tf.keras.optimizers.Adam()
