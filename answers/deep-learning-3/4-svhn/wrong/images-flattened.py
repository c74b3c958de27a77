# The images are made flat before they reach the network.
# scores: test-datasets 0
# %% datasets
def make_datasets(x_train, y_train, x_test, y_test):
    x_train, x_test = (x.reshape(len(x), -1) for x in (x_train, x_test))
    train = tf.data.Dataset.from_tensor_slices((x_train / 127.5 - 1, y_train - 1))
    test = tf.data.Dataset.from_tensor_slices((x_test / 127.5 - 1, y_test - 1))
    return train.shuffle(1024).batch(32), test.batch(32)
