# Makes one column of every array that it is given, in its place: the caller's array has another shape after the call.
# scores: test-tanh-forward 4, test-tanh-gradient 7

# %% tanh-class
class Tanh:
    def __call__(self, x):
        x = np.asarray(x, dtype=None if isinstance(x, np.ndarray) else float)
        shape = x.shape
        x.shape = (x.size, 1)
        self.o = np.tanh(x).reshape(shape)
        return self.o

    def grad(self):
        return 1 - self.o**2
