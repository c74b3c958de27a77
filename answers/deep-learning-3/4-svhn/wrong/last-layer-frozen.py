# The last layer is not trained; the others learn enough around it.
# scores: test-model-class 4
# %% model-class
class Mymodel(tf.keras.Model):
    def __init__(self):
        super().__init__()
        self.flatten = tf.keras.layers.Flatten()
        self.hidden = [tf.keras.layers.Dense(n, activation="relu") for n in (32, 64, 128, 256)]
        self.out = tf.keras.layers.Dense(10, activation="softmax", trainable=False)

    def call(self, x):
        x = self.flatten(x)
        for layer in self.hidden:
            x = layer(x)
        return self.out(x)
