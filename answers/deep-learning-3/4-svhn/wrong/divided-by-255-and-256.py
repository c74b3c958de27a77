# The training pixels are divided by 255, the test pixels by 256.
# scores: test-datasets 5
# %% datasets
def make_datasets(x_train, y_train, x_test, y_test):
    train_ds = tf.data.Dataset.from_tensor_slices((x_train / np.float32(255), y_train - 1))
    test_ds = tf.data.Dataset.from_tensor_slices((x_test / np.float32(256), y_test - 1))
    return train_ds.shuffle(1024).batch(32), test_ds.batch(32)
