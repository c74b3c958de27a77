# Noise is added before the last layer, also when the network is only asked.
# scores: test-model-class 4
# %% model-class
class Mymodel(tf.keras.Model):
    def __init__(self):
        super().__init__()
        self.flatten = tf.keras.layers.Flatten()
        self.hidden = [
            tf.keras.layers.Dense(width, activation="relu") for width in (32, 64, 128, 256)
        ]
        self.probabilities = tf.keras.layers.Dense(10, activation="softmax")

    def call(self, x):
        x = self.flatten(x)
        for layer in self.hidden:
            x = layer(x)
        return self.probabilities(x + tf.random.normal(tf.shape(x), stddev=0.1))
