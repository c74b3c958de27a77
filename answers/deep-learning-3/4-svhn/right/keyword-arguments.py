# Everything is called by keyword; trainable_weights and optimizer.apply; load with os.path and stack.
# %% steps
@tf.function
def train_step(model, images, labels, loss_object, optimizer, train_loss, train_accuracy):
    with tf.GradientTape() as tape:
        predictions = model(images, training=True)
        loss = loss_object(y_true=labels, y_pred=predictions)
    optimizer.apply(tape.gradient(loss, model.trainable_weights), model.trainable_weights)
    train_loss.update_state(values=loss)
    train_accuracy.update_state(y_true=labels, y_pred=predictions)


@tf.function
def test_step(model, images, labels, loss_object, test_loss, test_accuracy):
    predictions = model(images, training=False)
    test_loss.update_state(values=loss_object(y_true=labels, y_pred=predictions))
    test_accuracy.update_state(y_true=labels, y_pred=predictions)
# %% load-data
import os


def load_one(path):
    content = scipy.io.loadmat(path)
    images = np.stack([content["X"][:, :, :, i] for i in range(content["X"].shape[3])])
    return images, content["y"].reshape(-1).astype("int64")


def load_svhn(directory):
    x_train, y_train = load_one(os.path.join(directory, "train_32x32.mat"))
    x_test, y_test = load_one(os.path.join(directory, "test_32x32.mat"))
    return x_train, y_train, x_test, y_test
# %% training
def run_training(model, loss_object, optimizer, train_ds, test_ds, epochs):
    history = {"loss": [], "accuracy": [], "test_loss": [], "test_accuracy": []}
    for epoch in range(epochs):
        for metric in (train_loss, train_accuracy, test_loss, test_accuracy):
            metric.reset_state()
        for images, labels in train_ds:
            train_step(
                model=model,
                images=images,
                labels=labels,
                loss_object=loss_object,
                optimizer=optimizer,
                train_loss=train_loss,
                train_accuracy=train_accuracy,
            )
        for images, labels in test_ds:
            test_step(
                model=model,
                images=images,
                labels=labels,
                loss_object=loss_object,
                test_loss=test_loss,
                test_accuracy=test_accuracy,
            )
        history["loss"].append(float(train_loss.result()))
        history["accuracy"].append(float(train_accuracy.result()))
        history["test_loss"].append(float(test_loss.result()))
        history["test_accuracy"].append(float(test_accuracy.result()))
    return history
