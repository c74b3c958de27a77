# The model is a Sequential one, not a Mymodel.
# scores: test-objects 2
# %% objects
model = tf.keras.Sequential(
    [tf.keras.layers.Flatten()]
    + [tf.keras.layers.Dense(n, activation="relu") for n in (32, 64, 128, 256)]
    + [tf.keras.layers.Dense(10, activation="softmax")]
)
loss_object = tf.keras.losses.SparseCategoricalCrossentropy()
optimizer = tf.keras.optimizers.Adam()
