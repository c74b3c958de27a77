# The labels are read from the last to the first, the images from the first to the last.
# scores: test-load-data 3
# %% load-data
def load_svhn(directory):
    arrays = []
    for name in ("train_32x32.mat", "test_32x32.mat"):
        content = scipy.io.loadmat(directory / name)
        images, labels = np.moveaxis(content["X"], 3, 0), content["y"][::-1, 0]
        arrays += [images, labels]
    return tuple(arrays)
