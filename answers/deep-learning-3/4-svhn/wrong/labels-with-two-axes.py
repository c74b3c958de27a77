# The labels keep the shape (N, 1).
# scores: test-load-data 2
# %% load-data
def load_svhn(directory):
    arrays = []
    for name in ("train_32x32.mat", "test_32x32.mat"):
        content = scipy.io.loadmat(directory / name)
        arrays += [np.moveaxis(content["X"], 3, 0), content["y"]]
    return tuple(arrays)
