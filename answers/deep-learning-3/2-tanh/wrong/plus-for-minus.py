# 1 + o**2: plus in the place of minus.
# scores: test-tanh-gradient 0, test-tanh-backprop 0

# %% tanh-class
class Tanh:
    def __call__(self, x):
        self.o = np.tanh(x)
        return self.o

    def grad(self):
        return 1 + self.o**2
