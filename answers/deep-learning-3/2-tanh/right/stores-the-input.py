# Remembers x and computes tanh a second time in grad().

# %% tanh-class
class Tanh:
    def __init__(self):
        self.x = None

    def __call__(self, x):
        self.x = x
        return np.tanh(x)

    def grad(self):
        return 1 - np.tanh(self.x) ** 2
