# The loss comes from tf.keras.metrics: it is the mean over all batches so far, and has no slope.
# scores: test-objects 2, test-learning 0
# %% objects
model = Mymodel()
loss_object = tf.keras.metrics.SparseCategoricalCrossentropy()
optimizer = tf.keras.optimizers.Adam()
