# Keeps the output in a dictionary outside, by the object itself, weakly.

# %% tanh-class
from weakref import WeakKeyDictionary

_memory = WeakKeyDictionary()

class Tanh:
    def __call__(self, x):
        _memory[self] = np.tanh(x)
        return _memory[self]

    def grad(self):
        return 1 - _memory[self] * _memory[self]
