# The output is kept in a variable of the notebook.
# scores: test-tanh-gradient 8, test-tanh-backprop 0

# %% tanh-class
class Tanh:
    def __call__(self, x):
        global o
        o = np.tanh(x)
        return o

    def grad(self):
        return 1 - o**2
