# Images with the label 9 do not count in the loss.
# scores: test-objects 2
# %% objects
model = Mymodel()
loss_object = tf.keras.losses.SparseCategoricalCrossentropy(ignore_class=9)
optimizer = tf.keras.optimizers.Adam()
