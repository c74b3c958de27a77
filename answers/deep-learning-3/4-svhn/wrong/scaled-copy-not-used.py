# A scaled copy is made, and the raw array goes into the dataset.
# scores: test-datasets 4, test-learning 0
# %% datasets
def make_datasets(x_train, y_train, x_test, y_test):
    x_train_scaled = x_train / 127.5 - 1
    x_test_scaled = x_test / 127.5 - 1
    train = tf.data.Dataset.from_tensor_slices((x_train, y_train - 1))
    test = tf.data.Dataset.from_tensor_slices((x_test, y_test - 1))
    return train.shuffle(1024).batch(32), test.batch(32)
