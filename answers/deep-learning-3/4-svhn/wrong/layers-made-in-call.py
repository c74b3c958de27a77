# call makes new layers each time, so nothing is kept and nothing can be trained.
# scores: test-model-class 2, test-learning 0
# %% model-class
class Mymodel(tf.keras.Model):
    def __init__(self):
        super().__init__()

    def call(self, x):
        x = tf.keras.layers.Flatten()(x)
        for width in (32, 64, 128, 256):
            x = tf.keras.layers.Dense(width, activation="relu")(x)
        return tf.keras.layers.Dense(10, activation="softmax")(x)
