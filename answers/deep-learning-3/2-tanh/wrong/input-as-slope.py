# grad() returns the x that __call__ remembered, and computes nothing.
# scores: test-tanh-gradient 0, test-tanh-backprop 0

# %% tanh-class
class Tanh:
    def __call__(self, x):
        self.last_x = np.array(x)
        return np.tanh(self.last_x)

    def grad(self):
        return self.last_x
