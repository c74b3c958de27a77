# Both arrays of images come first, then both of labels.
# scores: test-load-data 0
# %% load-data
def load_svhn(directory):
    train = scipy.io.loadmat(directory / "train_32x32.mat")
    test = scipy.io.loadmat(directory / "test_32x32.mat")
    x_train, x_test = np.moveaxis(train["X"], 3, 0), np.moveaxis(test["X"], 3, 0)
    return x_train, x_test, train["y"].ravel(), test["y"].ravel()
