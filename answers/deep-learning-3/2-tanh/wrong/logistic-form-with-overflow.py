# 2 / (1 + e^-2x) - 1: the right values, with a warning of an overflow.
# scores: test-tanh-forward 5, test-tanh-gradient 9

# %% tanh-class
class Tanh:
    def __call__(self, x):
        self.o = 2 / (1 + np.exp(-2 * x)) - 1
        return self.o

    def grad(self):
        return 1 - self.o**2
