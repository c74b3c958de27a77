# Fills an empty array in two steps, by masks.

# %% tanh-class
class Tanh:
    def __call__(self, x):
        x = np.array(x, dtype=float)
        y = np.empty(x.shape)
        pos = x >= 0
        y[pos] = 2 / (1 + np.exp(-2 * x[pos])) - 1
        y[~pos] = 1 - 2 / (1 + np.exp(2 * x[~pos]))
        self.y = y
        return y

    def grad(self):
        return 1 - np.power(self.y, 2)
