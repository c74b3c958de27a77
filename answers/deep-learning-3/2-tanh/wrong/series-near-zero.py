# Takes x for tanh(x) where |x| < 0.01.
# scores: test-tanh-forward 4, test-tanh-gradient 7

# %% tanh-class
class Tanh:
    def __call__(self, x):
        self.o = np.where(np.abs(x) < 0.01, x, np.tanh(x))
        return self.o

    def grad(self):
        return 1 - self.o**2
