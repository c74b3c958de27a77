# The loss is not reduced: one number for each image.
# scores: test-objects 2
# %% objects
model = Mymodel()
loss_object = tf.keras.losses.SparseCategoricalCrossentropy(reduction=None)
optimizer = tf.keras.optimizers.Adam()
