# tanh from the sigmoid, 2 s(2x) - 1, with the exponential of negative numbers only.

# %% tanh-class
class Tanh:
    def __call__(self, x):
        e = np.exp(-2 * np.abs(x))  # from 0 to 1, never too large
        s = 1 / (1 + e)
        self.out = np.sign(x) * (2 * s - 1)
        return self.out

    def grad(self):
        s = (self.out + 1) / 2
        return 4 * s * (1 - s)
