# AdamW, which also lets the weights decay.
# scores: test-objects 2
# %% objects
tf.keras.utils.set_random_seed(1)
model = Mymodel()
loss_object = tf.keras.losses.SparseCategoricalCrossentropy()
optimizer = tf.keras.optimizers.AdamW()
