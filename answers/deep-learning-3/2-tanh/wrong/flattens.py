# The results are vectors, whatever the shape of x.
# scores: test-tanh-forward 2, test-tanh-gradient 4

# %% tanh-class
class Tanh:
    def __call__(self, x):
        self.o = np.tanh(np.ravel(x))
        return self.o

    def grad(self):
        return 1 - self.o**2
