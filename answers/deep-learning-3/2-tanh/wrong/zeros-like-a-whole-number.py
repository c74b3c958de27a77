# np.zeros_like(x) holds whole numbers where x is one, so tanh(-2) is cut off to 0.
# scores: test-tanh-forward 4, test-tanh-gradient 7

# %% tanh-class
class Tanh:
    def __call__(self, x):
        x = np.asarray(x)
        self.o = np.zeros_like(x)
        self.o[x > 0] = np.tanh(x[x > 0])
        self.o[x < 0] = np.tanh(x[x < 0])
        return self.o

    def grad(self):
        return 1 - self.o**2
