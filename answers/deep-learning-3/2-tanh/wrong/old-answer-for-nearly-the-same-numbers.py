# Numbers that np.allclose takes for those of the last call get its answer.
# scores: test-tanh-forward 4, test-tanh-gradient 8

# %% tanh-class
class Tanh:
    def __init__(self):
        self.x = None

    def __call__(self, x):
        if self.x is None or np.shape(x) != np.shape(self.x) or not np.allclose(x, self.x):
            self.x = np.copy(x)
            self.o = np.tanh(x)
        return self.o

    def grad(self):
        return 1 - self.o**2
