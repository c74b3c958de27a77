# Steps are compiled closures for each pair of model and optimizer, kept in a dictionary.
# %% steps
_compiled = {}


def train_step(model, images, labels, loss_object, optimizer, train_loss, train_accuracy):
    key = (id(model), id(optimizer), id(loss_object))
    if key not in _compiled:

        def raw(x, y):
            with tf.GradientTape() as tape:
                p = model(x, training=True)
                loss = loss_object(y, p)
            grads = tape.gradient(loss, model.trainable_variables)
            optimizer.apply_gradients(zip(grads, model.trainable_variables))
            return loss, p

        _compiled[key] = (model, optimizer, loss_object, tf.function(raw))
    loss, p = _compiled[key][3](images, labels)
    train_loss(loss)
    train_accuracy(labels, p)


def test_step(model, images, labels, loss_object, test_loss, test_accuracy):
    predictions = model(images)
    test_loss(loss_object(labels, predictions))
    test_accuracy(labels, predictions)
# %% load-data
def load_svhn(directory):
    result = {}
    for path in sorted(directory.glob("*_32x32.mat")):
        mat = scipy.io.loadmat(path)
        x = np.swapaxes(np.swapaxes(np.swapaxes(mat["X"], 2, 3), 1, 2), 0, 1)
        result[path.name.split("_")[0]] = (np.ascontiguousarray(x).astype(np.float32), np.ravel(mat["y"]))
    return *result["train"], *result["test"]
# %% datasets
def make_datasets(x_train, y_train, x_test, y_test):
    norm = tf.keras.layers.Normalization(axis=None)
    norm.adapt(x_train)
    to_label = lambda y: y.astype(np.int32) - 1
    train_ds = tf.data.Dataset.zip(
        (tf.data.Dataset.from_tensor_slices(x_train), tf.data.Dataset.from_tensor_slices(to_label(y_train)))
    )
    train_ds = train_ds.shuffle(1024, reshuffle_each_iteration=True).batch(32)
    test_ds = tf.data.Dataset.from_tensor_slices((x_test, to_label(y_test))).batch(32)
    prep = lambda x, y: (norm(x), y)
    return train_ds.map(prep), test_ds.map(prep)
