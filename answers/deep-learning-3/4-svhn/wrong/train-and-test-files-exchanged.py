# The two files are exchanged.
# scores: test-load-data 3
# %% load-data
def load_svhn(directory):
    arrays = []
    for name in ("test_32x32.mat", "train_32x32.mat"):
        content = scipy.io.loadmat(directory / name)
        arrays += [np.moveaxis(content["X"], 3, 0), content["y"][:, 0]]
    return tuple(arrays)
