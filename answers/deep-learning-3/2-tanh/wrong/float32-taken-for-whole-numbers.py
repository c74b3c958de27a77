# Everything that is not float64 is taken for a whole number, and cut off.
# scores: test-tanh-forward 3, test-tanh-gradient 6

# %% tanh-class
class Tanh:
    def __call__(self, x):
        x = np.asarray(x)
        if x.dtype != np.float64:
            x = x.astype(int)
        self.o = np.tanh(x)
        return self.o

    def grad(self):
        return 1 - self.o**2
