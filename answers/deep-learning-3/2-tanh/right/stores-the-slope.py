# Computes the slope at once, in __call__.

# %% tanh-class
class Tanh:
    """tanh(x), elementwise."""

    def __call__(self, x):
        y = np.tanh(x)
        self.slope = 1 - y * y
        return y

    def grad(self):
        return self.slope
