# The pixels are brought into range by load_svhn, not by make_datasets.
# scores: test-load-data 3, test-datasets 4
# %% load-data
def load_svhn(directory):
    arrays = []
    for name in ("train_32x32.mat", "test_32x32.mat"):
        content = scipy.io.loadmat(directory / name)
        arrays += [np.moveaxis(content["X"], 3, 0) / 127.5 - 1, content["y"][:, 0]]
    return tuple(arrays)
# %% datasets
def make_datasets(x_train, y_train, x_test, y_test):
    train = tf.data.Dataset.from_tensor_slices((x_train, y_train - 1))
    test = tf.data.Dataset.from_tensor_slices((x_test, y_test - 1))
    return train.shuffle(1024).batch(32), test.batch(32)
