# Predictions and loss are computed before the tape is opened: the gradients are None.
# scores: test-steps 2, test-learning 0
# %% steps
@tf.function
def train_step(model, images, labels, loss_object, optimizer, train_loss, train_accuracy):
    predictions = model(images, training=True)
    loss = loss_object(labels, predictions)
    with tf.GradientTape() as tape:
        tape.watch(model.trainable_variables)
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables))
    train_loss(loss)
    train_accuracy(labels, predictions)


@tf.function
def test_step(model, images, labels, loss_object, test_loss, test_accuracy):
    predictions = model(images)
    test_loss(loss_object(labels, predictions))
    test_accuracy(labels, predictions)
