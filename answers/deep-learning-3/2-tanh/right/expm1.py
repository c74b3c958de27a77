# exp(x) - 1 by np.expm1, which is exact near 0.

# %% tanh-class
class Tanh:
    def __call__(self, x):
        t = np.expm1(-2 * np.abs(x))
        self.result = -np.sign(x) * t / (t + 2)
        return self.result

    def grad(self):
        return 1.0 - self.result * self.result
