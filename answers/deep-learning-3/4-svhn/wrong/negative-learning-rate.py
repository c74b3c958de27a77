# The minus of gradient descent is put into the learning rate.
# scores: test-objects 2, test-learning 0
# %% objects
model = Mymodel()
loss_object = tf.keras.losses.SparseCategoricalCrossentropy()
optimizer = tf.keras.optimizers.Adam(-0.001)
