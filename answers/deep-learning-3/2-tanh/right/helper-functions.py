# Helper functions outside the class have names that the checks use, too.

# %% tanh-class
def slope(o):
    return 1 - o**2


def derivative(x):
    return slope(tanh(x))


def tanh(x):
    return np.tanh(x)


def activation(x):
    return tanh(x)


same = plain = "mine"


class Tanh:
    def __call__(self, x):
        self.o = activation(x)
        return self.o

    def grad(self):
        return slope(self.o)

# %% training-loop
def steps(model, inputs, outputs, loss_fn, n, rate):
    for _ in range(n):
        yield gradient_descent(model, inputs, outputs, loss_fn, rate)


def train(network, x, y, epochs=100, alpha=0.01):
    return list(steps(network, x, y, MeanSquaredError(), epochs, alpha))
