# np.piecewise with a third branch for |x| > 20.

# %% tanh-class
class Tanh:
    def __call__(self, x):
        x = np.asarray(x, dtype=np.float64)
        self.value = np.piecewise(
            x, [x > 20, x < -20],
            [1.0, -1.0, lambda v: (np.exp(v) - np.exp(-v)) / (np.exp(v) + np.exp(-v))],
        )
        return self.value

    @property
    def output(self):
        return self.value

    def grad(self):
        return np.subtract(1, np.power(self.output, 2))
