# y_train -= 1 changes the array passed in.
# scores: test-datasets 5
# %% datasets
def make_datasets(x_train, y_train, x_test, y_test):
    y_train -= 1
    y_test -= 1
    train = tf.data.Dataset.from_tensor_slices((x_train / np.float32(127.5) - 1, y_train))
    test = tf.data.Dataset.from_tensor_slices((x_test / np.float32(127.5) - 1, y_test))
    return train.shuffle(1024).batch(32), test.batch(32)
