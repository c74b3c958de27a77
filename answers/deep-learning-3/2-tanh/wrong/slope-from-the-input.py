# 1 - x**2 with the input: the formula is right with the output.
# scores: test-tanh-gradient 0, test-tanh-backprop 0

# %% tanh-class
class Tanh:
    def __call__(self, x):
        self.x = x
        return np.tanh(x)

    def grad(self):
        return 1 - self.x**2
