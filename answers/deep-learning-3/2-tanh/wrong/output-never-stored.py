# __call__ stores nothing, so grad() always uses the 0 of __init__.
# scores: test-tanh-gradient 0, test-tanh-backprop 0

# %% tanh-class
class Tanh:
    def __init__(self):
        self.last_output = 0.0

    def __call__(self, x):
        return np.tanh(x)

    def grad(self):
        return 1 - self.last_output**2
