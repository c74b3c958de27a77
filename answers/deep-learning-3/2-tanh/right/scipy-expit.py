# SciPy's logistic function; log-space slope.

# %% tanh-class
from scipy.special import expit

class Tanh:
    def __call__(self, x):
        self.x = x
        return 2 * expit(2.0 * x) - 1

    def grad(self):
        return 4 * expit(2.0 * self.x) * expit(-2.0 * self.x)
