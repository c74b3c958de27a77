# x *= 2 and the like change the array of the caller.
# scores: test-tanh-forward 4, test-tanh-gradient 7

# %% tanh-class
class Tanh:
    def __call__(self, x):
        sign = np.sign(x)
        x *= -2 * sign
        e = np.exp(x)
        self.o = sign * (1 - e) / (1 + e)
        return self.o

    def grad(self):
        return 1 - self.o**2
