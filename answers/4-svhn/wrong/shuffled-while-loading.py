# Images and labels of the training file are shuffled while they are read.
# scores: test-load-data 2
# %% load-data
def load_svhn(directory):
    arrays = []
    for name in ("train", "test"):
        content = scipy.io.loadmat(directory / f"{name}_32x32.mat")
        order = np.random.permutation(content["X"].shape[3])
        arrays += [np.moveaxis(content["X"], 3, 0)[order], content["y"][order, 0]]
    return arrays
