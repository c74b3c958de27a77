# The layers are made once, outside of __init__, and shared by all objects.
# scores: test-model-class 4
# %% model-class
hidden = [tf.keras.layers.Dense(n, activation="relu") for n in (32, 64, 128, 256)]
last = tf.keras.layers.Dense(10, activation="softmax")


class Mymodel(tf.keras.Model):
    def __init__(self):
        super().__init__()
        self.flatten = tf.keras.layers.Flatten()
        self.hidden, self.last = hidden, last

    def call(self, x):
        x = self.flatten(x)
        for layer in self.hidden:
            x = layer(x)
        return self.last(x)
