# The images stay as stored, with their number on the last axis.
# scores: test-load-data 1
# %% load-data
def load_svhn(directory):
    arrays = []
    for name in ("train_32x32.mat", "test_32x32.mat"):
        content = scipy.io.loadmat(directory / name)
        images, labels = content["X"], content["y"].ravel()
        arrays += [images, labels]
    return tuple(arrays)
