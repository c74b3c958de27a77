# The slope as 4 e / (1 + e)**2 with e = exp(-2|x|).

# %% tanh-class
class Tanh:
    def __call__(self, x):
        self.x = np.array(x, dtype=float, copy=True)
        e = np.exp(-2 * np.abs(self.x))
        return np.copysign((1 - e) / (1 + e), self.x)

    def grad(self):
        e = np.exp(-2 * np.abs(self.x))
        return 4 * e / (1 + e) ** 2
