# 1 - tanh(output)**2: the output went through tanh already.
# scores: test-tanh-gradient 0, test-tanh-backprop 0

# %% tanh-class
class Tanh:
    def __call__(self, x):
        self.last_output = np.tanh(x)
        return self.last_output

    def grad(self):
        return 1 - np.tanh(self.last_output) ** 2
