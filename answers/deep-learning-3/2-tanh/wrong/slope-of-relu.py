# 1 for positive x, else 0.
# scores: test-tanh-gradient 0, test-tanh-backprop 0

# %% tanh-class
class Tanh:
    def __call__(self, x):
        self.x = x
        return np.tanh(x)

    def grad(self):
        return np.where(self.x > 0, 1.0, 0.0)
