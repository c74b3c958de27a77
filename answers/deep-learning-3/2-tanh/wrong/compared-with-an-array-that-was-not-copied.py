# Computes anew only where x differs from the last x, of which no copy was made.
# scores: test-tanh-forward 4, test-tanh-gradient 8

# %% tanh-class
class Tanh:
    def __init__(self):
        self.x = None

    def __call__(self, x):
        if self.x is None or not np.array_equal(x, self.x):
            self.x = x
            self.o = np.tanh(x)
        return self.o

    def grad(self):
        return 1 - self.o**2
