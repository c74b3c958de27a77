# A dictionary of the class holds the outputs by everything that says what x is.

# %% tanh-class
class Tanh:
    known = {}

    def __call__(self, x):
        x = np.asarray(x)
        self.key = x.shape, x.dtype.str, x.tobytes()
        if self.key not in Tanh.known:
            Tanh.known[self.key] = np.tanh(x)
        return Tanh.known[self.key]

    def grad(self):
        return 1 - Tanh.known[self.key] ** 2
