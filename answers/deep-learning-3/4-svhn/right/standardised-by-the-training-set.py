# Each colour standardised with the mean and deviation of the training set; retracing reduced.
# %% steps
@tf.function(reduce_retracing=True)
def train_step(model, images, labels, loss_object, optimizer, train_loss, train_accuracy):
    with tf.GradientTape() as tape:
        predictions = model(images, training=True)
        loss = loss_object(labels, predictions)
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables))
    train_loss(loss)
    train_accuracy(labels, predictions)


@tf.function(reduce_retracing=True)
def test_step(model, images, labels, loss_object, test_loss, test_accuracy):
    predictions = model(images)
    test_loss(loss_object(labels, predictions))
    test_accuracy(labels, predictions)
# %% datasets
def make_datasets(x_train, y_train, x_test, y_test):
    mean = x_train.mean(axis=(0, 1, 2), dtype=np.float64)
    std = x_train.std(axis=(0, 1, 2), dtype=np.float64)
    train = tf.data.Dataset.from_tensor_slices((((x_train - mean) / std).astype("float32"), y_train - 1))
    test = tf.data.Dataset.from_tensor_slices((((x_test - mean) / std).astype("float32"), y_test - 1))
    return train.shuffle(1024).batch(32).prefetch(1), test.batch(32).prefetch(1)
