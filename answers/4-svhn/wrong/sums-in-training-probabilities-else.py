# In training the network gives the sums, else the probabilities.
# scores: test-model-class 4, test-learning 0
# %% model-class
class Mymodel(tf.keras.Model):
    def __init__(self):
        super().__init__()
        self.flatten = tf.keras.layers.Flatten()
        self.hidden = [tf.keras.layers.Dense(n, activation="relu") for n in (32, 64, 128, 256)]
        self.out = tf.keras.layers.Dense(10, activation="softmax")

    def call(self, x, training=None):
        x = self.flatten(x)
        for layer in self.hidden:
            x = layer(x)
        if training:
            return self.out.activation and tf.matmul(x, self.out.kernel) + self.out.bias if self.out.built else self.out(x)
        return self.out(x)
