# grad() makes an array of zeros for the slope, and returns it as it is.
# scores: test-tanh-gradient 0, test-tanh-backprop 0

# %% tanh-class
class Tanh:
    def __call__(self, x):
        self.last_output = np.tanh(x)
        return self.last_output

    def grad(self):
        slope = np.zeros_like(self.last_output)
        1 - self.last_output**2
        return slope
