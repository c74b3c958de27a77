# The labels of the test set are replaced by zeros, for the network must not see them.
# scores: test-datasets 3, test-learning 0
# %% datasets
def make_datasets(x_train, y_train, x_test, y_test):
    train = tf.data.Dataset.from_tensor_slices((x_train / 127.5 - 1, y_train - 1))
    test = tf.data.Dataset.from_tensor_slices((x_test / 127.5 - 1, np.zeros(len(x_test), int)))
    return train.shuffle(1024).batch(32), test.batch(32)
