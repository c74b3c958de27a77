# grad() returns the output.
# scores: test-tanh-gradient 0, test-tanh-backprop 0

# %% tanh-class
class Tanh:
    def __call__(self, x):
        self.o = np.tanh(x)
        return self.o

    def grad(self):
        return self.o
