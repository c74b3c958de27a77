# Reuses Sigmoid with the overflow silenced; its slope is four times the sigmoid's.

# %% tanh-class
class Tanh(Sigmoid):
    def __call__(self, x):
        with np.errstate(over="ignore"):
            return 2 * super().__call__(2 * x) - 1

    def grad(self):
        return 4 * super().grad()
