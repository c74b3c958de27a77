# ReLU and softmax as layers of their own, Reshape in place of Flatten, layers in reverse order of use.
# %% model-class
class Mymodel(tf.keras.Model):
    def __init__(self):
        super().__init__()
        layers = tf.keras.layers
        self.softmax = layers.Softmax()
        self.last = layers.Dense(10)
        self.fourth = layers.Dense(256)
        self.third = layers.Dense(128)
        self.second = layers.Dense(64)
        self.first = layers.Dense(32)
        self.relu = layers.ReLU()
        self.rows = layers.Reshape((32 * 32 * 3,))

    def call(self, inputs, training=None):
        x = self.rows(inputs)
        for layer in (self.first, self.second, self.third, self.fourth):
            x = self.relu(layer(x))
        return self.softmax(self.last(x))
# %% objects
model = Mymodel()
loss_object = tf.keras.losses.SparseCategoricalCrossentropy()
optimizer = tf.keras.optimizers.Adam(learning_rate=5e-4)
