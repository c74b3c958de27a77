# GaussianNoise stands before the first layer, and acts in training.
# scores: test-model-class 4
# %% model-class
class Mymodel(tf.keras.Model):
    def __init__(self):
        super().__init__()
        self.flatten = tf.keras.layers.Flatten()
        self.noise = tf.keras.layers.GaussianNoise(0.1)
        self.hidden = [tf.keras.layers.Dense(n, activation="relu") for n in (32, 64, 128, 256)]
        self.out = tf.keras.layers.Dense(10, activation="softmax")

    def call(self, x, training=None):
        x = self.flatten(x)
        x = self.noise(x, training=training)
        for layer in self.hidden:
            x = layer(x)
        return self.out(x)
