# The model derives from Sequential; pixels through a Rescaling layer in make_datasets; metrics reset at the end.
# %% model-class
class Mymodel(tf.keras.Sequential):
    def __init__(self):
        super().__init__()
        self.add(tf.keras.layers.Flatten())
        for neurons in [32, 64, 128, 256]:
            self.add(tf.keras.layers.Dense(neurons, "relu", kernel_initializer="he_normal"))
        self.add(tf.keras.layers.Dense(10, "softmax"))
# %% datasets
def make_datasets(x_train, y_train, x_test, y_test):
    scale = tf.keras.layers.Rescaling(1 / 127.5, offset=-1)
    train = tf.data.Dataset.from_tensor_slices((x_train, y_train - 1)).shuffle(1024).batch(32)
    test = tf.data.Dataset.from_tensor_slices((x_test, y_test - 1)).batch(32)
    return train.map(lambda x, y: (scale(x), y)), test.map(lambda x, y: (scale(x), y))
# %% training
def run_training(model, loss_object, optimizer, train_ds, test_ds, epochs):
    history = {"loss": [], "accuracy": [], "test_loss": [], "test_accuracy": []}
    for epoch in range(epochs):
        for images, labels in train_ds:
            train_step(model, images, labels, loss_object, optimizer, train_loss, train_accuracy)
        for images, labels in test_ds:
            test_step(model, images, labels, loss_object, test_loss, test_accuracy)
        for name, metric in zip(history, (train_loss, train_accuracy, test_loss, test_accuracy)):
            history[name].append(metric.result().numpy())
            metric.reset_state()
    return history
