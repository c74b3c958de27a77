# Computes anew only where x differs from a copy of the last x.

# %% tanh-class
class Tanh:
    def __init__(self):
        self.x = None

    def __call__(self, x):
        x = np.array(x)
        same = self.x is not None and x.dtype == self.x.dtype and np.array_equal(x, self.x)
        if not same:
            self.x, self.o, self.slope = x, np.tanh(x), None
        return self.o.copy() if self.o.ndim else float(self.o)

    def grad(self):
        if self.slope is None:
            self.slope = 1 - self.o**2
        return self.slope.copy()
