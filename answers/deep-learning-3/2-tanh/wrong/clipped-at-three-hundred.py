# The logistic form, clipped at 300: exp(600) warns in float32, although the values are right.
# scores: test-tanh-forward 5, test-tanh-gradient 9

# %% tanh-class
class Tanh:
    def __call__(self, x):
        x = np.clip(x, -300, 300)
        self.o = 2 / (1 + np.exp(-2 * x)) - 1
        return self.o

    def grad(self):
        return 1 - self.o**2
