# The output is stored at the first call and never again.
# scores: test-tanh-gradient 8, test-tanh-backprop 2

# %% tanh-class
class Tanh:
    def __init__(self):
        self.output = None

    def __call__(self, x):
        if self.output is None:
            self.output = np.tanh(x)
        return np.tanh(x)

    def grad(self):
        return 1 - self.output**2
