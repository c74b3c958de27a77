# A list in the class: all objects push and pop the same outputs.
# scores: test-tanh-gradient 8

# %% tanh-class
class Tanh:
    outputs = []

    def __call__(self, x):
        o = np.tanh(x)
        self.outputs.append(o)
        return o

    def grad(self):
        return 1 - self.outputs.pop() ** 2
