# The memory is a default value, made once: all objects write into the same dictionary, by the shape of x.
# scores: test-tanh-gradient 8, test-tanh-backprop 2

# %% tanh-class
class Tanh:
    def __init__(self, memory={}):
        self.memory = memory

    def __call__(self, x):
        self.shape = np.shape(x)
        self.memory[self.shape] = np.tanh(x)
        return self.memory[self.shape]

    def grad(self):
        return 1 - self.memory[self.shape] ** 2
