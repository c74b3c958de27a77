# Each grad() takes an output from the stack, as long as there is more than one.
# scores: test-tanh-gradient 8

# %% tanh-class
class Tanh:
    def __init__(self):
        self.outputs = []

    def __call__(self, x):
        self.outputs.append(np.tanh(x))
        return self.outputs[-1]

    def grad(self):
        o = self.outputs.pop() if len(self.outputs) > 1 else self.outputs[0]
        return 1 - o**2
