# grad(x) wants the x that it should remember.
# scores: test-tanh-gradient 0, test-tanh-backprop 0

# %% tanh-class
class Tanh:
    def __call__(self, x):
        return np.tanh(x)

    def grad(self, x):
        return 1 - np.tanh(x) ** 2
