# The training images are drawn at random: some come twice, others never.
# scores: test-datasets 5
# %% datasets
def make_datasets(x_train, y_train, x_test, y_test):
    chosen = np.random.default_rng(0).integers(0, len(x_train), len(x_train))
    x_train, y_train = x_train[chosen], y_train[chosen]
    train = tf.data.Dataset.from_tensor_slices((x_train / 127.5 - 1, y_train - 1))
    test = tf.data.Dataset.from_tensor_slices((x_test / 127.5 - 1, y_test - 1))
    return train.shuffle(1024).batch(32), test.batch(32)
