# np.where computes both formulas for every x: the right values, with warnings of overflows.
# scores: test-tanh-forward 5, test-tanh-gradient 9

# %% tanh-class
class Tanh:
    def __call__(self, x):
        for_positive = (1 - np.exp(-2 * x)) / (1 + np.exp(-2 * x))
        for_negative = (np.exp(2 * x) - 1) / (np.exp(2 * x) + 1)
        self.o = np.where(x >= 0, for_positive, for_negative)
        return self.o

    def grad(self):
        return 1 - self.o**2
