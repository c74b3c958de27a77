# The images are turned by a quarter, against one that was not there.
# scores: test-load-data 3
# %% load-data
def load_svhn(directory):
    arrays = []
    for name in ("train_32x32.mat", "test_32x32.mat"):
        content = scipy.io.loadmat(directory / name)
        images, labels = np.moveaxis(content["X"], 3, 0), content["y"].ravel()
        arrays += [np.rot90(images, axes=(1, 2)), labels]
    return tuple(arrays)
