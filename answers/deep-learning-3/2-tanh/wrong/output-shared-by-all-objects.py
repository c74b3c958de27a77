# The output is kept in the class, so the layers of a network overwrite each other's.
# scores: test-tanh-gradient 8, test-tanh-backprop 0

# %% tanh-class
class Tanh:
    output = None

    def __call__(self, x):
        Tanh.output = np.tanh(x)
        return Tanh.output

    def grad(self):
        return 1 - Tanh.output**2
