# e^x - e^-x / e^x + e^-x, without parentheses.
# scores: test-tanh-forward 0, test-tanh-gradient 0, test-tanh-backprop 0

# %% tanh-class
class Tanh:
    def __call__(self, x):
        self.o = np.exp(x) - np.exp(-x) / np.exp(x) + np.exp(-x)
        return self.o

    def grad(self):
        return 1 - self.o**2
