# The mean of what tf.keras.losses.sparse_categorical_crossentropy gives.
# %% objects
model = Mymodel()
optimizer = tf.keras.optimizers.Adam()


def loss_object(labels, predictions):
    return tf.reduce_mean(tf.keras.losses.sparse_categorical_crossentropy(labels, predictions))
