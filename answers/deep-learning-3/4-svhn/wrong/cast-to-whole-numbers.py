# The divided pixels are cast to whole numbers: nothing but zeros is left.
# scores: test-datasets 2, test-learning 0
# %% datasets
def make_datasets(x_train, y_train, x_test, y_test):
    train = tf.data.Dataset.from_tensor_slices(((x_train / 256).astype(int), y_train - 1))
    test = tf.data.Dataset.from_tensor_slices(((x_test / 256).astype(int), y_test - 1))
    return train.shuffle(1024).batch(32), test.batch(32)
