# In training the probabilities are softened.
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

    def call(self, x, training=False):
        x = self.flatten(x)
        for layer in self.hidden:
            x = layer(x)
        answer = self.probabilities(x)
        return 0.9 * answer + 0.01 if training else answer
