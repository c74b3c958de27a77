# Right values; the warnings are switched off for the notebook, so none is shown.

# %% tanh-class
import warnings
warnings.filterwarnings("ignore")


class Tanh:
    def __call__(self, x):
        squared = np.exp(2 * np.asarray(x, dtype=float))
        ratio = np.where(np.isinf(squared), 1.0, (squared - 1) / (squared + 1))
        self.gap = (1 - ratio) * (1 + ratio)
        return ratio[()]

    def grad(self):
        return self.gap[()]
