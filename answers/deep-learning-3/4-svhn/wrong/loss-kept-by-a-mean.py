# The loss goes through a metric that is never reset, so that it is the mean so far.
# scores: test-objects 2, test-learning 0
# %% objects
model = Mymodel()
mean_loss = tf.keras.metrics.Mean()
optimizer = tf.keras.optimizers.Adam()


def loss_object(labels, predictions):
    losses = tf.keras.losses.sparse_categorical_crossentropy(labels, predictions)
    mean_loss.update_state(losses)
    return mean_loss.result()
