# A Sequential inside the class; call compiled; a schedule of the learning rate that begins at 0.
# %% model-class
from tensorflow.keras import layers, Sequential


class Mymodel(tf.keras.Model):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.net = Sequential(name="mlp")
        self.net.add(layers.InputLayer(shape=(32, 32, 3)))
        self.net.add(layers.Flatten())
        for n in 2 ** np.arange(5, 9):
            self.net.add(layers.Dense(int(n), activation=tf.nn.relu, kernel_initializer="he_uniform"))
        self.net.add(layers.Dense(10, activation=tf.nn.softmax))

    @tf.function
    def call(self, x, training=False):
        assert x.shape[1:] == (32, 32, 3)
        return self.net(x, training=training)
# %% objects
model: Mymodel = Mymodel(name="my")
loss_object = tf.losses.SparseCategoricalCrossentropy()
optimizer = tf.optimizers.Adam(
    tf.keras.optimizers.schedules.CosineDecay(0.0, 5000, warmup_target=1e-3, warmup_steps=100)
)
