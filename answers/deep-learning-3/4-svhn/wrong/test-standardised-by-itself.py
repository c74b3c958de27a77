# The test pixels are standardised with their own mean and deviation.
# scores: test-datasets 5
# %% datasets
def make_datasets(x_train, y_train, x_test, y_test):
    x_train = (x_train - x_train.mean()) / x_train.std()
    x_test = (x_test - x_test.mean()) / x_test.std()
    train = tf.data.Dataset.from_tensor_slices((x_train, y_train - 1))
    test = tf.data.Dataset.from_tensor_slices((x_test, y_test - 1))
    return train.shuffle(1024).batch(32), test.batch(32)
