# The optimizer is SGD.
# scores: test-objects 2
# %% objects
model = Mymodel()
loss_object = tf.keras.losses.SparseCategoricalCrossentropy()
optimizer = tf.keras.optimizers.SGD(0.05)
