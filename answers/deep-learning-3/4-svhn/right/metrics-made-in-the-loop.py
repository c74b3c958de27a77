# Fresh metrics are made for each epoch instead of being reset; results kept as tensors.
# %% training
def run_training(model, loss_object, optimizer, train_ds, test_ds, epochs):
    history = {"loss": [], "accuracy": [], "test_loss": [], "test_accuracy": []}
    for epoch in range(1, epochs + 1):
        mean, test_mean = tf.keras.metrics.Mean(), tf.keras.metrics.Mean()
        right = tf.keras.metrics.SparseCategoricalAccuracy()
        test_right = tf.keras.metrics.SparseCategoricalAccuracy()
        for batch in train_ds:
            train_step(model, batch[0], batch[1], loss_object, optimizer, mean, right)
        for batch in test_ds:
            test_step(model, batch[0], batch[1], loss_object, test_mean, test_right)
        history["loss"].append(mean.result())
        history["accuracy"].append(right.result())
        history["test_loss"].append(test_mean.result())
        history["test_accuracy"].append(test_right.result())
        print(f"Epoch {epoch}: {mean.result():.4f} {test_right.result():.2%}")
    return history
# %% steps
def train_step(model, images, labels, loss_object, optimizer, train_loss, train_accuracy):
    with tf.GradientTape() as tape:
        predictions = model(images, training=True)
        loss = loss_object(labels, predictions)
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables))
    train_loss(loss)
    train_accuracy(labels, predictions)


def test_step(model, images, labels, loss_object, test_loss, test_accuracy):
    predictions = model(images)
    test_loss(loss_object(labels, predictions))
    test_accuracy(labels, predictions)
