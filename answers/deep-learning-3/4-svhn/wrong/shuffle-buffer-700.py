# The buffer of shuffle is smaller than what is asked.
# scores: test-datasets 5
# %% datasets
def make_datasets(x_train, y_train, x_test, y_test):
    train = tf.data.Dataset.from_tensor_slices((x_train / np.float32(127.5) - 1, y_train - 1))
    test = tf.data.Dataset.from_tensor_slices((x_test / np.float32(127.5) - 1, y_test - 1))
    return train.shuffle(700).batch(32), test.batch(32)
