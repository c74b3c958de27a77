# math.tanh, which takes single numbers and no arrays.
# scores: test-tanh-forward 2, test-tanh-gradient 3, test-tanh-backprop 0

# %% tanh-class
import math


class Tanh:
    def __call__(self, x):
        self.o = math.tanh(x)
        return self.o

    def grad(self):
        return 1 - self.o**2
