# The labels as rows of 0 and 1, and the other cross-entropy.
# %% objects
model = Mymodel()
categorical = tf.keras.losses.CategoricalCrossentropy(reduction="sum_over_batch_size")
optimizer = tf.keras.optimizers.Adam(1e-3)


def loss_object(labels, predictions):
    one_hot = tf.one_hot(tf.cast(labels, tf.int32), tf.shape(predictions)[1])
    return categorical(one_hot, predictions)
