# load_svhn returns two pairs, as the data sets of Keras do.
# scores: test-load-data 0
# %% load-data
def load_svhn(directory):
    arrays = []
    for name in ("train_32x32.mat", "test_32x32.mat"):
        content = scipy.io.loadmat(directory / name)
        images, labels = np.moveaxis(content["X"], 3, 0), content["y"].ravel()
        arrays.append((images, labels))
    return tuple(arrays)
