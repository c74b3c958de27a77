# Rounds to four digits.
# scores: test-tanh-forward 0, test-tanh-gradient 0, test-tanh-backprop 0

# %% tanh-class
class Tanh:
    def __call__(self, x):
        self.o = np.round(np.tanh(x), 4)
        return self.o

    def grad(self):
        return np.round(1 - self.o**2, 4)
