# The class Sigmoid with another name: value and slope fit together, but are not tanh's.
# scores: test-tanh-forward 0, test-tanh-gradient 0, test-tanh-backprop 0

# %% tanh-class
class Tanh:
    def __call__(self, x):
        self.last_output = 1 / (1 + np.exp(-x))
        return self.last_output

    def grad(self):
        return self.last_output * (1 - self.last_output)
