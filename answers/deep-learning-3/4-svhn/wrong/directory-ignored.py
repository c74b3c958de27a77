# load_svhn reads from svhn.find(), whatever directory it is given.
# scores: test-load-data 1
# %% load-data
def load_svhn(directory):
    arrays = []
    for name in ("train_32x32.mat", "test_32x32.mat"):
        content = scipy.io.loadmat(svhn.find() / name)
        arrays += [np.moveaxis(content["X"], 3, 0), content["y"][:, 0]]
    return tuple(arrays)
