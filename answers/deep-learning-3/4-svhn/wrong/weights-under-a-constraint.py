# The weights of each hidden neuron are cut to a largest length after each step.
# scores: test-model-class 4
# %% model-class
class Mymodel(tf.keras.Model):
    def __init__(self):
        super().__init__()
        largest = tf.keras.constraints.MaxNorm(3.0)
        self.flatten = tf.keras.layers.Flatten()
        self.hidden = [
            tf.keras.layers.Dense(n, activation="relu", kernel_constraint=largest)
            for n in (32, 64, 128, 256)
        ]
        self.out = tf.keras.layers.Dense(10, activation="softmax")

    def call(self, x):
        x = self.flatten(x)
        for layer in self.hidden:
            x = layer(x)
        return self.out(x)
