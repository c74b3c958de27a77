# Of the training pixels only the whole part of the quotient is kept; the test pixels are right.
# scores: test-datasets 5
# %% datasets
def make_datasets(x_train, y_train, x_test, y_test):
    x_train = x_train // 127.5 - 1
    x_test = x_test / 127.5 - 1
    train_ds = tf.data.Dataset.from_tensor_slices((x_train, y_train - 1)).shuffle(1024).batch(32)
    test_ds = tf.data.Dataset.from_tensor_slices((x_test, y_test - 1)).batch(32)
    return train_ds, test_ds
