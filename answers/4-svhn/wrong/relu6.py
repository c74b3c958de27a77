# ReLU6, which is cut off at 6.
# scores: test-model-class 4
# %% model-class
class Mymodel(tf.keras.Model):
    def __init__(self):
        super().__init__()
        self.flatten = tf.keras.layers.Flatten()
        self.hidden = [tf.keras.layers.Dense(n, activation="relu6") for n in (32, 64, 128, 256)]
        self.out = tf.keras.layers.Dense(10, activation="softmax")

    def call(self, x, training=None):
        x = self.flatten(x)
        for layer in self.hidden:
            x = layer(x)
        return self.out(x)
