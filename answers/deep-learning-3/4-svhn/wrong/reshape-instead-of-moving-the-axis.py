# reshape scrambles the images, silently.
# scores: test-load-data 3
# %% load-data
def read(path):
    content = scipy.io.loadmat(path)
    return content["X"].reshape(-1, 32, 32, 3), content["y"].flatten()


def load_svhn(directory):
    return read(directory / "train_32x32.mat") + read(directory / "test_32x32.mat")
