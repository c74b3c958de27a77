# The output of a single number is kept in the class, that of an array in the object.
# scores: test-tanh-gradient 8

# %% tanh-class
class Tanh:
    def __call__(self, x):
        o = np.tanh(x)
        if np.ndim(o) == 0:
            Tanh.last_output = o
        else:
            self.last_output = o
        return o

    def grad(self):
        return 1 - self.last_output**2
