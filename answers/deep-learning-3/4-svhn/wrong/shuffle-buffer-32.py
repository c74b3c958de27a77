# The buffer of shuffle is the size of a batch.
# scores: test-datasets 5
# %% datasets
def make_datasets(x_train, y_train, x_test, y_test):
    train = tf.data.Dataset.from_tensor_slices((x_train / 127.5 - 1, y_train - 1))
    test = tf.data.Dataset.from_tensor_slices((x_test / 127.5 - 1, y_test - 1))
    return train.shuffle(32).batch(32), test.batch(32)
