# The slope is a cached property: computed once for each object.
# scores: test-tanh-gradient 8, test-tanh-backprop 2

# %% tanh-class
from functools import cached_property


class Tanh:
    def __call__(self, x):
        self.o = np.tanh(x)
        return self.o

    @cached_property
    def slope(self):
        return 1 - self.o**2

    def grad(self):
        return self.slope
