# -tanh(x); the slope is right.
# scores: test-tanh-forward 0, test-tanh-backprop 0

# %% tanh-class
class Tanh:
    def __call__(self, x):
        e = np.exp(-2 * np.abs(x))
        self.o = np.sign(x) * (e - 1) / (e + 1)
        return self.o

    def grad(self):
        return 1 - self.o**2
