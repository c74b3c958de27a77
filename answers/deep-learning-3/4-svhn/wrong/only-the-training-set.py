# make_datasets forgets to return the test set.
# scores: test-datasets 0, test-learning 0
# %% datasets
def make_datasets(x_train, y_train, x_test, y_test):
    train = tf.data.Dataset.from_tensor_slices((x_train / 127.5 - 1, y_train - 1))
    test = tf.data.Dataset.from_tensor_slices((x_test / 127.5 - 1, y_test - 1))
    return train.shuffle(1024).batch(32)
