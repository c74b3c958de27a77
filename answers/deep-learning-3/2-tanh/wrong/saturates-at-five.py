# Returns -1 and 1 beyond 5, where tanh is 0.99991.
# scores: test-tanh-forward 4, test-tanh-gradient 7

# %% tanh-class
class Tanh:
    def __call__(self, x):
        self.o = np.where(np.abs(x) > 5, np.sign(x), np.tanh(x))
        return self.o

    def grad(self):
        return 1 - self.o**2
