# Only the first 5,000 images of the training file are kept in make_datasets, to save time.
# scores: test-datasets 5
# %% datasets
def make_datasets(x_train, y_train, x_test, y_test):
    x_train, y_train = x_train[:5000], y_train[:5000]
    train = tf.data.Dataset.from_tensor_slices((x_train / np.float32(127.5) - 1, y_train - 1))
    test = tf.data.Dataset.from_tensor_slices((x_test / np.float32(127.5) - 1, y_test - 1))
    return train.shuffle(1024).batch(32), test.batch(32)
