# Measures the slope by central differences, which is not exact.
# scores: test-tanh-gradient 5

# %% tanh-class
class Tanh:
    def __call__(self, x):
        self.x = x
        return np.tanh(x)

    def grad(self):
        return (np.tanh(self.x + 1e-5) - np.tanh(self.x - 1e-5)) / 2e-5
