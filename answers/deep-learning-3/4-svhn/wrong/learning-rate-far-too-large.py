# Adam with a learning rate of 0.5: the objects are right, but nothing is learned.
# scores: test-learning 0
# %% objects
model = Mymodel()
loss_object = tf.keras.losses.SparseCategoricalCrossentropy()
optimizer = tf.keras.optimizers.Adam(0.5)
