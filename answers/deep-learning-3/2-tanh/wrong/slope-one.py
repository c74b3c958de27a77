# The slope of a straight line.
# scores: test-tanh-gradient 0, test-tanh-backprop 0

# %% tanh-class
class Tanh:
    def __call__(self, x):
        self.x = x
        return np.tanh(x)

    def grad(self):
        return np.ones_like(self.x)
