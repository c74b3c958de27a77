# Prints to standard error in every method, which must not cost points.

# %% tanh-class
import sys


class Tanh:
    def __call__(self, x):
        print("forward", np.shape(x), file=sys.stderr)
        self.o = np.tanh(x)
        return self.o

    def grad(self):
        print("grad", file=sys.stderr)
        return 1 - self.o**2

# %% training-loop
def train(network, x, y, epochs=100, alpha=0.01):
    losses = []
    for epoch in range(epochs):
        losses.append(gradient_descent(network, x, y, MeanSquaredError(), alpha))
        print(f"epoch {epoch}: {losses[-1]}", file=sys.stderr)
    return losses
