# kernel_regularizer="l2" in each hidden layer; train_step adds model.losses.
# scores: test-model-class 4
# %% model-class
class Mymodel(tf.keras.Model):
    def __init__(self):
        super().__init__()
        self.flatten = tf.keras.layers.Flatten()
        self.hidden = [tf.keras.layers.Dense(n, activation="relu", kernel_regularizer="l2") for n in (32, 64, 128, 256)]
        self.out = tf.keras.layers.Dense(10, activation="softmax")

    def call(self, x, training=None):
        x = self.flatten(x)
        for layer in self.hidden:
            x = layer(x)
        return self.out(x)
# %% steps
@tf.function
def train_step(model, images, labels, loss_object, optimizer, train_loss, train_accuracy):
    with tf.GradientTape() as tape:
        predictions = model(images, training=True)
        loss = loss_object(labels, predictions) + sum(model.losses)
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables))
    train_loss(loss)
    train_accuracy(labels, predictions)


@tf.function
def test_step(model, images, labels, loss_object, test_loss, test_accuracy):
    predictions = model(images, training=False)
    test_loss(loss_object(labels, predictions))
    test_accuracy(labels, predictions)
