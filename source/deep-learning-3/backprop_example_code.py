"""A fully connected network trained by backpropagation.

Same network as in numerical_example_code.py: `hidden_depth` hidden layers, one example at a time.
"""

import numpy as np


class Sigmoid:
    """1 / (1 + exp(-x)), elementwise."""

    def __call__(self, x):
        self.last_output = 1 / (1 + np.exp(-x))
        return self.last_output

    def grad(self):
        """The derivative at the x of the last call."""
        return self.last_output * (1 - self.last_output)


class MeanSquaredError:
    """Half the mean of the squared differences: 1/2 mean((h - y)^2)."""

    def __call__(self, h, y):
        self.last_difference = h - y
        return 0.5 * np.mean(np.square(self.last_difference))

    def grad(self):
        """The derivative by h at the h and y of the last call, of the shape of h."""
        return self.last_difference / np.size(self.last_difference)


class Dense:
    """A layer: activation(x @ W + b); W has the shape (inputs, outputs), b (outputs,)."""

    def __init__(self, W, b, activation):
        self.W, self.b = W, b
        self.activation = activation()

    def __call__(self, x):
        self.last_x = x
        return self.activation(x @ self.W + self.b)

    def backward(self, dh):
        """From dh, the gradient by this layer's output: set dW and db, return the one by x."""
        dz = dh * self.activation.grad()
        self.dW = np.outer(self.last_x, dz)
        self.db = dz
        return self.W @ dz


class DNN:
    """`hidden_depth` hidden layers of `num_neuron` neurons, then a layer of `num_output`.

    Weights are drawn from N(0, weight_scale^2), the same ones for the same `seed`; biases are 0.
    """

    def __init__(
        self,
        hidden_depth,
        num_neuron,
        num_input,
        num_output,
        activation=Sigmoid,
        weight_scale=0.01,
        seed=None,
    ):
        rng = np.random.default_rng(seed)
        sizes = [num_input] + hidden_depth * [num_neuron] + [num_output]
        self.layers = []
        for inputs, outputs in zip(sizes[:-1], sizes[1:], strict=True):
            W = rng.normal(0, weight_scale, (inputs, outputs))
            self.layers.append(Dense(W, np.zeros(outputs), activation))

    def __call__(self, x):
        """The output for one example: x has shape (num_input,), the result (num_output,)."""
        for layer in self.layers:
            x = layer(x)
        return x

    def calc_gradient(self, x, y, loss_obj):
        """Set dW and db of every layer, in one pass forward and one pass back; return the loss."""
        loss = loss_obj(self(x), y)
        dh = loss_obj.grad()
        for layer in reversed(self.layers):
            dh = layer.backward(dh)
        return float(loss)


def gradient_descent(network, x, y, loss_obj, alpha=0.01):
    """One step: move every weight and bias by -alpha times its gradient.

    Returns the loss before the step.
    """
    loss = network.calc_gradient(x, y, loss_obj)
    for layer in network.layers:
        layer.W -= alpha * layer.dW
        layer.b -= alpha * layer.db
    return loss
