# last_output without self: grad() does not find it.
# scores: test-tanh-gradient 0, test-tanh-backprop 0

# %% tanh-class
class Tanh:
    def __call__(self, x):
        last_output = np.tanh(x)
        return last_output

    def grad(self):
        return 1 - self.last_output**2
