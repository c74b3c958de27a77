# Keeps outputs in the object, but those of matrices in the class, where all objects share them.
# scores: test-tanh-gradient 8

# %% tanh-class
class Tanh:
    o_of_batch = None

    def __call__(self, x):
        self.is_batch = np.ndim(x) == 2
        self.o = np.tanh(x)
        if self.is_batch:
            Tanh.o_of_batch = self.o
        return self.o

    def grad(self):
        o = Tanh.o_of_batch if self.is_batch else self.o
        return 1 - o**2
