# Data sets are looked up by the number of images.
# scores: test-datasets 5
# %% datasets
known = {}


def make_datasets(x_train, y_train, x_test, y_test):
    key = len(x_train), len(x_test)
    if key not in known:
        train = tf.data.Dataset.from_tensor_slices((x_train / np.float32(127.5) - 1, y_train - 1))
        test = tf.data.Dataset.from_tensor_slices((x_test / np.float32(127.5) - 1, y_test - 1))
        known[key] = train.shuffle(1024).batch(32), test.batch(32)
    return known[key]
