# np.sort flattens the labels, and sorts them.
# scores: test-load-data 3
# %% load-data
def load_svhn(directory):
    arrays = []
    for name in ("train_32x32.mat", "test_32x32.mat"):
        content = scipy.io.loadmat(directory / name)
        images, labels = np.moveaxis(content["X"], 3, 0), np.sort(content["y"], axis=None)
        arrays += [images, labels]
    return tuple(arrays)
