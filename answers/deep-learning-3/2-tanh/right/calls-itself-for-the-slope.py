# grad() calls the object once more with the x of the last call.

# %% tanh-class
class Tanh:
    def __call__(self, x):
        self.x = np.copy(x)
        return np.tanh(self.x)

    def grad(self):
        return np.ones_like(self.x, dtype=float) - self(self.x) ** 2
