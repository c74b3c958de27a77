# __call__ stores the output and does not return it; grad() is right.
# scores: test-tanh-forward 0, test-tanh-gradient 8, test-tanh-backprop 0

# %% tanh-class
class Tanh:
    def __call__(self, x):
        self.last_output = np.tanh(x)

    def grad(self):
        return 1 - self.last_output**2
