# One array is kept for the output and filled again at each call: the last output changes under the caller's hands.
# scores: test-tanh-forward 4

# %% tanh-class
class Tanh:
    def __init__(self):
        self.o = np.empty(())

    def __call__(self, x):
        if self.o.shape != np.shape(x):
            self.o = np.empty(np.shape(x))
        np.tanh(x, out=self.o)
        return self.o

    def grad(self):
        return 1 - self.o**2
