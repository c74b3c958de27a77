# Clips x at 10, where tanh is not yet 1.
# scores: test-tanh-forward 4, test-tanh-gradient 8

# %% tanh-class
class Tanh:
    def __call__(self, x):
        x = np.clip(x, -10, 10)
        self.o = (np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x))
        return self.o

    def grad(self):
        return 1 - self.o**2
