"""A fully connected network trained with numerical gradients (forward differences).

Same network as in backprop_example_code.py: `hidden_depth` hidden layers, one example at a time.
"""

import numpy as np

EPSILON = 1e-4  # how far a parameter is moved to see how the loss changes


def sigmoid(x):
    """1 / (1 + exp(-x)), elementwise."""
    return 1 / (1 + np.exp(-x))


def mean_squared_error(h, y):
    """Half the mean of the squared differences: 1/2 mean((h - y)^2)."""
    return 0.5 * np.mean(np.square(h - y))


class Dense:
    """A layer: activation(x @ W + b); W has the shape (inputs, outputs), b (outputs,)."""

    def __init__(self, W, b, activation):
        self.W, self.b, self.activation = W, b, activation
        self.dW, self.db = np.zeros_like(W), np.zeros_like(b)

    def __call__(self, x):
        return self.activation(x @ self.W + self.b)


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
        activation=sigmoid,
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

    def calc_gradient(self, x, y, loss_func):
        """Set dW and db of every layer by moving one parameter at a time; return the loss."""
        loss = loss_func(self(x), y)
        for layer in self.layers:
            for parameter, gradient in ((layer.W, layer.dW), (layer.b, layer.db)):
                for index in np.ndindex(parameter.shape):
                    kept = parameter[index]
                    parameter[index] = kept + EPSILON
                    gradient[index] = (loss_func(self(x), y) - loss) / EPSILON
                    parameter[index] = kept
        return float(loss)


def gradient_descent(network, x, y, loss_func=mean_squared_error, alpha=0.01):
    """One step: move every weight and bias by -alpha times its gradient.

    Returns the loss before the step.
    """
    loss = network.calc_gradient(x, y, loss_func)
    for layer in network.layers:
        layer.W -= alpha * layer.dW
        layer.b -= alpha * layer.db
    return loss
