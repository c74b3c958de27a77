# grad() fills one array again and again: the last slope changes under the caller's hands.
# scores: test-tanh-gradient 8

# %% tanh-class
class Tanh:
    slope = None

    def __call__(self, x):
        self.o = np.tanh(x)
        return self.o

    def grad(self):
        if self.slope is None or self.slope.shape != np.shape(self.o):
            self.slope = np.empty(np.shape(self.o))
        self.slope[...] = 1 - self.o**2
        return self.slope
