# X.T moves the axis of the images to the front and exchanges all others.
# scores: test-load-data 3
# %% load-data
def read(path):
    content = scipy.io.loadmat(path)
    return np.moveaxis(content["X"].T, 1, -1), content["y"].flatten()


def load_svhn(directory):
    return read(directory / "train_32x32.mat") + read(directory / "test_32x32.mat")
