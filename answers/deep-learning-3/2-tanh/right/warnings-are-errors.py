# Turns warnings and floating-point flags into errors; nothing that is right raises one.

# %% tanh-class
import warnings

warnings.simplefilter("error")
np.seterr(all="raise")


class Tanh:
    def __call__(self, x):
        self.o = np.tanh(x)
        return self.o

    def grad(self):
        return 1 - self.o**2
