# Keeps NumPy under another name, and uses np for something else.

# %% tanh-class
import numpy

np = 0
x = y = w = network = check = same = points = number = "mine"


class Tanh:
    def __call__(self, x):
        self.o = numpy.tanh(x)
        return self.o

    def grad(self):
        return 1 - self.o**2
