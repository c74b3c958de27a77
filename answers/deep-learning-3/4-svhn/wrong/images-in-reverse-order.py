# The images come from the last to the first, the labels do not.
# scores: test-load-data 3
# %% load-data
def load_svhn(directory):
    arrays = []
    for name in ("train_32x32.mat", "test_32x32.mat"):
        content = scipy.io.loadmat(directory / name)
        images, labels = np.moveaxis(content["X"], 3, 0), content["y"].ravel()
        arrays += [images[::-1], labels]
    return tuple(arrays)
