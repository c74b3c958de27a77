# Pixels divided by 255, a Sequential inside the model, no tf.function.
# %% model-class
class Mymodel(tf.keras.Model):
    def __init__(self):
        super().__init__()
        self.network = tf.keras.Sequential(
            [
                tf.keras.Input(shape=(32, 32, 3)),
                tf.keras.layers.Flatten(),
                tf.keras.layers.Dense(32, activation="relu"),
                tf.keras.layers.Dense(64, activation="relu"),
                tf.keras.layers.Dense(128, activation="relu"),
                tf.keras.layers.Dense(256, activation="relu"),
                tf.keras.layers.Dense(10, activation="softmax"),
            ]
        )

    def call(self, x):
        return self.network(x)
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
# %% load-data
def load_svhn(directory):
    train = scipy.io.loadmat(directory / "train_32x32.mat")
    test = scipy.io.loadmat(directory / "test_32x32.mat")
    x_train = np.transpose(train["X"], (3, 0, 1, 2))
    x_test = np.transpose(test["X"], (3, 0, 1, 2))
    return x_train, train["y"].squeeze(), x_test, test["y"].squeeze()
# %% datasets
def make_datasets(x_train, y_train, x_test, y_test):
    train = tf.data.Dataset.from_tensor_slices((x_train / 255.0, y_train.astype(int) - 1))
    test = tf.data.Dataset.from_tensor_slices((x_test / 255.0, y_test.astype(int) - 1))
    return train.shuffle(1024).batch(32), test.batch(32)
# %% training
def run_training(model, loss_object, optimizer, train_ds, test_ds, epochs):
    history = {"loss": [], "accuracy": [], "test_loss": [], "test_accuracy": []}
    for epoch in range(epochs):
        for metric in (train_loss, train_accuracy, test_loss, test_accuracy):
            metric.reset_state()
        for images, labels in train_ds:
            train_step(model, images, labels, loss_object, optimizer, train_loss, train_accuracy)
        for images, labels in test_ds:
            test_step(model, images, labels, loss_object, test_loss, test_accuracy)
        history["loss"].append(float(train_loss.result()))
        history["accuracy"].append(float(train_accuracy.result()))
        history["test_loss"].append(float(test_loss.result()))
        history["test_accuracy"].append(float(test_accuracy.result()))
    return history
