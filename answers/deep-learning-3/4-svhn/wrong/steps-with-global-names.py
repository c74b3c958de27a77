# As in a well-known tutorial, the steps take images and labels alone and use global names.
# scores: test-steps 0, test-training 5
# %% steps
@tf.function
def train_step(images, labels):
    with tf.GradientTape() as tape:
        predictions = model(images, training=True)
        loss = loss_object(labels, predictions)
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables))
    train_loss(loss)
    train_accuracy(labels, predictions)


@tf.function
def test_step(images, labels):
    predictions = model(images)
    test_loss(loss_object(labels, predictions))
    test_accuracy(labels, predictions)
# %% training
def run_training(model, loss_object, optimizer, train_ds, test_ds, epochs):
    history = {"loss": [], "accuracy": [], "test_loss": [], "test_accuracy": []}
    for epoch in range(epochs):
        for metric in (train_loss, train_accuracy, test_loss, test_accuracy):
            metric.reset_state()
        for images, labels in train_ds:
            train_step(images, labels)
        for images, labels in test_ds:
            test_step(images, labels)
        history["loss"].append(float(train_loss.result()))
        history["accuracy"].append(float(train_accuracy.result()))
        history["test_loss"].append(float(test_loss.result()))
        history["test_accuracy"].append(float(test_accuracy.result()))
    return history
