# Tanh() always gives the same object.
# scores: test-tanh-gradient 8, test-tanh-backprop 0

# %% tanh-class
class Tanh:
    only = None

    def __new__(cls):
        cls.only = cls.only or super().__new__(cls)
        return cls.only

    def __call__(self, x):
        self.o = np.tanh(x)
        return self.o

    def grad(self):
        return 1 - self.o**2
