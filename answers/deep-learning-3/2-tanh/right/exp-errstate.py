# 1 - 2 / (exp(2x) + 1), with the overflow silenced locally.

# %% tanh-class
class Tanh(object):
    last: np.ndarray

    def __call__(self, x: "float | np.ndarray") -> "float | np.ndarray":
        with np.errstate(over="ignore"):
            self.last = 1 - 2 / (np.exp(2.0 * x) + 1)
        return self.last

    def grad(self):
        return (1 + self.last) * (1 - self.last)
