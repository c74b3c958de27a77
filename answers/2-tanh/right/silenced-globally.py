# Right values; the warnings are switched off for the notebook, so none is shown.

# %% tanh-class
import warnings
warnings.filterwarnings("ignore")

class Tanh:
    def __call__(self, x):
        self.o = 2 / (1 + np.exp(-2.0 * x)) - 1
        return self.o

    def grad(self):
        return 1 - self.o**2
