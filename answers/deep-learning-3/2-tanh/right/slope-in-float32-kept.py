# Computes in the type of the input: float32 stays float32.

# %% tanh-class
class Tanh:
    def __call__(self, x):
        x = np.asarray(x)
        if not np.issubdtype(x.dtype, np.floating):
            x = x.astype(np.float64)
        self.o = np.tanh(x)
        assert self.o.dtype == x.dtype
        return self.o

    def grad(self):
        return (1 - self.o**2).astype(self.o.dtype)
