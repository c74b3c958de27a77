# A class with slots, a property, and two underscores.

# %% tanh-class
class Tanh:
    __slots__ = ("__o",)

    @property
    def output(self):
        return self.__o

    def __call__(self, x, /):
        self.__o = np.tanh(x)
        return self.output

    def grad(self):
        return np.subtract(1, np.multiply(self.output, self.output))
