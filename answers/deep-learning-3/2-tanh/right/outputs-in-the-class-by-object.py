# The class holds the outputs, by a number that each object has of its own.

# %% tanh-class
from itertools import count


class Tanh:
    numbers, outputs = count(), {}

    def __init__(self):
        self.number = next(Tanh.numbers)

    def __call__(self, x):
        Tanh.outputs[self.number] = np.tanh(x)
        return Tanh.outputs[self.number]

    def grad(self):
        return 1 - np.square(Tanh.outputs[self.number])
