# The network as a functional model: inputs and outputs go to super, and call is inherited.
# %% model-class
class Mymodel(tf.keras.Model):
    """Images in, probabilities of the ten digits out."""

    def __init__(self):
        inputs = tf.keras.Input(shape=(32, 32, 3))
        h = tf.keras.layers.Flatten()(inputs)
        for units in (32, 64, 128, 256):
            h = tf.keras.layers.Dense(units)(h)
            h = tf.keras.layers.Activation("relu")(h)
        outputs = tf.keras.layers.Dense(10, "softmax", dtype="float32")(h)
        super().__init__(inputs=inputs, outputs=outputs, name="svhn_net")
# %% objects
schedule = tf.keras.optimizers.schedules.ExponentialDecay(1e-3, decay_steps=500, decay_rate=0.95)
model = Mymodel()
loss_object = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=False)
optimizer = tf.keras.optimizers.Adam(learning_rate=schedule)
# %% metrics
train_loss, test_loss = (tf.keras.metrics.Mean(name=n) for n in ("train_loss", "test_loss"))
train_accuracy, test_accuracy = [tf.keras.metrics.SparseCategoricalAccuracy() for _ in "ab"]
# %% epochs
EPOCHS: int = int(1e1)
