# A whole epoch is a tf.function of its own; optimizer.apply without variables; a dataclass for the lists.
# %% steps
def _forward(model, images, labels, loss_object, training):
    predictions = model(images, training=training)
    return predictions, loss_object(labels, predictions)


@tf.function(reduce_retracing=True)
def train_step(model, images, labels, loss_object, optimizer, train_loss, train_accuracy):
    variables = model.trainable_variables
    with tf.GradientTape(persistent=True) as tape:
        predictions, loss = _forward(model, images, labels, loss_object, True)
    grads = tape.gradient(loss, variables)
    del tape
    optimizer.apply(grads)
    train_loss.update_state(loss)
    train_accuracy.update_state(labels, predictions)
    return {"loss": loss, "predictions": predictions}


@tf.function(reduce_retracing=True)
def test_step(model, images, labels, loss_object, test_loss, test_accuracy):
    predictions, loss = _forward(model, images, labels, loss_object, False)
    test_loss.update_state(loss)
    test_accuracy.update_state(labels, predictions)
# %% training
from dataclasses import asdict, dataclass, field


@dataclass
class History:
    loss: list = field(default_factory=list)
    accuracy: list = field(default_factory=list)
    test_loss: list = field(default_factory=list)
    test_accuracy: list = field(default_factory=list)


def run_training(model, loss_object, optimizer, train_ds, test_ds, epochs):
    @tf.function
    def train_epoch(ds):
        for x, y in ds:
            train_step(model, x, y, loss_object, optimizer, train_loss, train_accuracy)

    @tf.function
    def test_epoch(ds):
        for x, y in ds:
            test_step(model, x, y, loss_object, test_loss, test_accuracy)

    h = History()
    for epoch in tf.range(epochs):
        for m in [train_loss, train_accuracy, test_loss, test_accuracy]:
            m.reset_state()
        train_epoch(train_ds)
        test_epoch(test_ds)
        h.loss.append(float(train_loss.result()))
        h.accuracy.append(float(train_accuracy.result()))
        h.test_loss.append(float(test_loss.result()))
        h.test_accuracy.append(float(test_accuracy.result()))
        tf.print("epoch", epoch + 1, "loss", h.loss[-1])
    return asdict(h)
