# The loss is smoothed: half of it is that of the batch before.
# scores: test-objects 2
# %% objects
model = Mymodel()
optimizer = tf.keras.optimizers.Adam()
before = tf.Variable(-1.0)


def loss_object(labels, predictions):
    loss = tf.reduce_mean(tf.keras.losses.sparse_categorical_crossentropy(labels, predictions))
    loss = tf.where(before < 0, loss, (before + loss) / 2)
    before.assign(loss)
    return loss
