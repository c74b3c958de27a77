# load_svhn keeps only the first 2,000 training and 500 test images, to save time.
# scores: test-load-data 3
# %% load-data
def load_svhn(directory):
    train = scipy.io.loadmat(directory / "train_32x32.mat")
    test = scipy.io.loadmat(directory / "test_32x32.mat")
    x_train = np.moveaxis(train["X"], -1, 0)[:2000]
    y_train = train["y"].flatten()[:2000]
    x_test = np.moveaxis(test["X"], -1, 0)[:500]
    y_test = test["y"].flatten()[:500]
    return x_train, y_train, x_test, y_test
