# The gradients are taken by the matrices alone, so the biases stay 0.
# scores: test-steps 3
# %% steps
@tf.function
def train_step(model, images, labels, loss_object, optimizer, train_loss, train_accuracy):
    with tf.GradientTape() as tape:
        predictions = model(images, training=True)
        loss = loss_object(labels, predictions)
    variables = [v for v in model.trainable_variables if len(v.shape) == 2]
    gradients = tape.gradient(loss, variables)
    optimizer.apply_gradients(zip(gradients, variables))
    train_loss(loss)
    train_accuracy(labels, predictions)


@tf.function
def test_step(model, images, labels, loss_object, test_loss, test_accuracy):
    predictions = model(images)
    test_loss(loss_object(labels, predictions))
    test_accuracy(labels, predictions)
