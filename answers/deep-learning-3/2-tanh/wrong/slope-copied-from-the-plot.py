# np.gradient, as in the cell that plots tanh: it works on a fine grid alone.
# scores: test-tanh-gradient 0, test-tanh-backprop 0

# %% tanh-class
class Tanh:
    def __call__(self, x):
        self.x = x
        self.tanh = np.tanh(x)
        return self.tanh

    def grad(self):
        return np.gradient(self.tanh, self.x)
