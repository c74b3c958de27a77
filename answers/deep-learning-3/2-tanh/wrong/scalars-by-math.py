# Single numbers go through math.exp, which stops at 1000.
# scores: test-tanh-forward 4

# %% tanh-class
import math

class Tanh:
    def __call__(self, x):
        if isinstance(x, (int, float)):
            e = math.exp(2 * x)
            self.o = (e - 1) / (e + 1)
        else:
            self.o = np.tanh(x)
        return self.o

    def grad(self):
        return 1 - self.o**2
