# Lets the handout's layer go back, with one input and one neuron.

# %% chain-rule
class Tanh:
    def __call__(self, x):
        self.o = np.tanh(x)
        return self.o

    def grad(self):
        return 1 - self.o**2


def chain_rule_gradient(w, b, x, y):
    layer = backprop.Dense(np.array([[w]]), np.array([b]), Tanh)
    loss = backprop.MeanSquaredError()
    loss(layer(np.array([x])), np.array([y]))
    layer.backward(loss.grad())
    return layer.dW.item(), layer.db.item()
