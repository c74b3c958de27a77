# Cuts x off at -1 and 1, which is near tanh but not tanh.
# scores: test-tanh-forward 0, test-tanh-gradient 0, test-tanh-backprop 0

# %% tanh-class
class Tanh:
    def __call__(self, x):
        self.x = x
        return np.clip(x, -1.0, 1.0)

    def grad(self):
        return np.where(np.abs(self.x) < 1, 1.0, 0.0)
