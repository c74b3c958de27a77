# Neither method returns anything.
# scores: test-tanh-forward 0, test-tanh-gradient 0, test-tanh-backprop 0

# %% tanh-class
class Tanh:
    def __call__(self, x):
        self.last_output = np.tanh(x)

    def grad(self):
        self.slope = 1 - self.last_output**2
