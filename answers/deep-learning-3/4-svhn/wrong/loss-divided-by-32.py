# The sum of the losses divided by 32: wrong for a smaller batch.
# scores: test-objects 2
# %% objects
model = Mymodel()
optimizer = tf.keras.optimizers.Adam()


def loss_object(labels, predictions):
    return tf.reduce_sum(tf.keras.losses.sparse_categorical_crossentropy(labels, predictions)) / 32
