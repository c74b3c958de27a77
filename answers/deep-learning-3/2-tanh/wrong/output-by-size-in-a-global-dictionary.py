# The outputs stand in a dictionary of the notebook, by the number of their entries.
# scores: test-tanh-gradient 8, test-tanh-backprop 2

# %% tanh-class
outputs = {}


class Tanh:
    def __call__(self, x):
        self.size = np.size(x)
        outputs[self.size] = np.tanh(x)
        return outputs[self.size]

    def grad(self):
        return 1 - outputs[self.size] ** 2
