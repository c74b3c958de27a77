# The loss is the sum over a batch, not the mean.
# scores: test-objects 2
# %% objects
model = Mymodel()
loss_object = tf.keras.losses.SparseCategoricalCrossentropy(reduction="sum")
optimizer = tf.keras.optimizers.Adam()
