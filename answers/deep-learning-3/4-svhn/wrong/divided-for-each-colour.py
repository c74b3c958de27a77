# The pixels are divided by 255 once for each of the three colours.
# scores: test-datasets 5, test-learning 0
# %% datasets
def make_datasets(x_train, y_train, x_test, y_test):
    for colour in range(3):
        x_train, x_test = x_train / 255, x_test / 255
    train = tf.data.Dataset.from_tensor_slices((x_train, y_train - 1))
    test = tf.data.Dataset.from_tensor_slices((x_test, y_test - 1))
    return train.shuffle(1024).batch(32), test.batch(32)
