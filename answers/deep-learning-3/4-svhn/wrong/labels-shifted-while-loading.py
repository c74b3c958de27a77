# load_svhn subtracts 1, and make_datasets does so again.
# scores: test-load-data 3
# %% load-data
def load_svhn(directory):
    arrays = []
    for name in ("train_32x32.mat", "test_32x32.mat"):
        content = scipy.io.loadmat(directory / name)
        arrays += [np.moveaxis(content["X"], 3, 0), content["y"][:, 0] - 1]
    return tuple(arrays)
