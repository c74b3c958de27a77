# Keeps every output in a list of its own and uses the last one.

# %% tanh-class
class Tanh:
    def __init__(self):
        self.outputs = []

    def __call__(self, x):
        self.outputs.append(np.tanh(x))
        return self.outputs[-1]

    def grad(self):
        return 1 - self.outputs[-1] ** 2
