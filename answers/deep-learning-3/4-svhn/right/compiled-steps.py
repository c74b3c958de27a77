# Both steps compiled with XLA; the steps return the loss.
# %% steps
@tf.function(jit_compile=True)
def train_step(model, images, labels, loss_object, optimizer, train_loss, train_accuracy):
    with tf.GradientTape() as tape:
        predictions = model(images, training=True)
        loss = loss_object(labels, predictions)
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables))
    train_loss(loss)
    train_accuracy(labels, predictions)
    return loss


@tf.function(jit_compile=True)
def test_step(model, images, labels, loss_object, test_loss, test_accuracy):
    predictions = model(images, training=False)
    loss = loss_object(labels, predictions)
    test_loss(loss)
    test_accuracy(labels, predictions)
    return loss
