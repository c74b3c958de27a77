# An array with one entry comes back as a plain number.
# scores: test-tanh-forward 4, test-tanh-gradient 7

# %% tanh-class
class Tanh:
    def __call__(self, x):
        o = np.tanh(x)
        self.o = float(o.item()) if np.size(o) == 1 else o
        return self.o

    def grad(self):
        return 1 - self.o**2
