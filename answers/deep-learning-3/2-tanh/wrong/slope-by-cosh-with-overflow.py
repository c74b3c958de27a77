# The slope as 1 / cosh(x)**2: 0 for large x, as it must be, but with a warning.
# scores: test-tanh-gradient 9

# %% tanh-class
class Tanh:
    def __call__(self, x):
        self.x = x
        return np.tanh(x)

    def grad(self):
        return 1 / np.cosh(self.x) ** 2
