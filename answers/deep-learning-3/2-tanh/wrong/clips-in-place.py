# Large numbers are cut off in the array of the caller.
# scores: test-tanh-forward 4

# %% tanh-class
class Tanh:
    def __call__(self, x):
        x = np.asarray(x)
        x[x > 20] = 20
        x[x < -20] = -20
        self.o = (np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x))
        return self.o

    def grad(self):
        return 1 - self.o**2
