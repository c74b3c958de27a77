# The wrong axis: each pixel is standardised by its own three colours, 0 / 0 where it is grey.
# scores: test-datasets 2, test-learning 0
# %% datasets
def scaled(x):
    return (x - x.mean(axis=-1, keepdims=True)) / x.std(axis=-1, keepdims=True)


def make_datasets(x_train, y_train, x_test, y_test):
    train = tf.data.Dataset.from_tensor_slices((scaled(x_train), y_train - 1))
    test = tf.data.Dataset.from_tensor_slices((scaled(x_test), y_test - 1))
    return train.shuffle(1024).batch(32), test.batch(32)
