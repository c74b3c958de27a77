# Labels stay 1 to 10, and the last layer gets 11 neurons to make it run.
# scores: test-model-class 4, test-datasets 4
# %% model-class
class Mymodel(tf.keras.Model):
    def __init__(self):
        super().__init__()
        self.flatten = tf.keras.layers.Flatten()
        self.dense1 = tf.keras.layers.Dense(32, activation="relu")
        self.dense2 = tf.keras.layers.Dense(64, activation="relu")
        self.dense3 = tf.keras.layers.Dense(128, activation="relu")
        self.dense4 = tf.keras.layers.Dense(256, activation="relu")
        self.last = tf.keras.layers.Dense(11, activation="softmax")

    def call(self, x):
        x = self.flatten(x)
        x = self.dense1(x)
        x = self.dense2(x)
        x = self.dense3(x)
        x = self.dense4(x)
        return self.last(x)
# %% datasets
def make_datasets(x_train, y_train, x_test, y_test):
    train = tf.data.Dataset.from_tensor_slices((x_train / 127.5 - 1, y_train))
    test = tf.data.Dataset.from_tensor_slices((x_test / 127.5 - 1, y_test))
    return train.shuffle(1024).batch(32), test.batch(32)
