# grad() computes the slope and returns nothing.
# scores: test-tanh-gradient 0, test-tanh-backprop 0

# %% tanh-class
class Tanh:
    def __call__(self, x):
        self.last_output = np.tanh(x)
        return self.last_output

    def grad(self):
        slope = 1 - self.last_output**2
        print(slope)
