# grad() returns one number for an array: the mean of its slopes.
# scores: test-tanh-gradient 3, test-tanh-backprop 0

# %% tanh-class
class Tanh:
    def __call__(self, x):
        self.o = np.tanh(x)
        return self.o

    def grad(self):
        return np.mean(1 - self.o**2)
