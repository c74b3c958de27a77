# A batch counts by its number of images in the mean of the losses.
# %% steps
@tf.function
def train_step(model, images, labels, loss_object, optimizer, train_loss, train_accuracy):
    with tf.GradientTape() as tape:
        predictions = model(images, training=True)
        loss = loss_object(labels, predictions)
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables))
    train_loss.update_state(loss, sample_weight=tf.cast(tf.shape(images)[0], tf.float32))
    train_accuracy.update_state(labels, predictions)


@tf.function
def test_step(model, images, labels, loss_object, test_loss, test_accuracy):
    predictions = model(images)
    size = tf.cast(tf.shape(images)[0], tf.float32)
    test_loss.update_state(loss_object(labels, predictions), sample_weight=size)
    test_accuracy.update_state(labels, predictions)
