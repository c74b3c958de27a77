# The slope as 1 / cosh(x)**2 with x clipped at 300: right in float64, an overflow in float32.
# scores: test-tanh-gradient 9

# %% tanh-class
class Tanh:
    def __call__(self, x):
        self.x = x
        return np.tanh(x)

    def grad(self):
        return 1 / np.cosh(np.clip(self.x, -300, 300)) ** 2
