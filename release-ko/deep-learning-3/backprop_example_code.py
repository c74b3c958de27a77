"""역전파로 학습시키는 완전 연결 신경망.

numerical_example_code.py의 신경망과 같아요. 은닉층은 `hidden_depth`개이고, 샘플은 한 번에
하나씩 다뤄요.
"""

import numpy as np


class Sigmoid:
    """원소마다 1 / (1 + exp(-x))를 계산해요."""

    def __call__(self, x):
        self.last_output = 1 / (1 + np.exp(-x))
        return self.last_output

    def grad(self):
        """마지막 호출의 x에서 구한 미분값."""
        return self.last_output * (1 - self.last_output)


class MeanSquaredError:
    """차이를 제곱한 값들의 평균의 절반: 1/2 mean((h - y)^2)."""

    def __call__(self, h, y):
        self.last_difference = h - y
        return 0.5 * np.mean(np.square(self.last_difference))

    def grad(self):
        """마지막 호출의 h와 y에서 구한, h에 대한 미분값. 형상은 h와 같아요."""
        return self.last_difference / np.size(self.last_difference)


class Dense:
    """층 하나: activation(x @ W + b). W의 형상은 (inputs, outputs), b의 형상은 (outputs,)."""

    def __init__(self, W, b, activation):
        self.W, self.b = W, b
        self.activation = activation()

    def __call__(self, x):
        self.last_x = x
        return self.activation(x @ self.W + self.b)

    def backward(self, dh):
        """이 층의 출력에 대한 기울기 dh로 dW와 db를 구해 두고, x에 대한 기울기를 반환해요."""
        dz = dh * self.activation.grad()
        self.dW = np.outer(self.last_x, dz)
        self.db = dz
        return self.W @ dz


class DNN:
    """뉴런이 `num_neuron`개인 은닉층 `hidden_depth`개, 그다음에 뉴런이 `num_output`개인 층.

    가중치는 N(0, weight_scale^2)에서 뽑아요. `seed`가 같으면 가중치도 같아요. 편향은 0이에요.
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
        """샘플 하나에 대한 출력. x의 형상은 (num_input,), 결과의 형상은 (num_output,)."""
        for layer in self.layers:
            x = layer(x)
        return x

    def calc_gradient(self, x, y, loss_obj):
        """순전파 한 번, 역전파 한 번으로 모든 층의 dW와 db를 구해 두고, 손실을 반환해요."""
        loss = loss_obj(self(x), y)
        dh = loss_obj.grad()
        for layer in reversed(self.layers):
            dh = layer.backward(dh)
        return float(loss)


def gradient_descent(network, x, y, loss_obj, alpha=0.01):
    """한 스텝: 모든 가중치와 편향을 각각의 기울기에 -alpha를 곱한 만큼 움직여요.

    스텝 전의 손실을 반환해요.
    """
    loss = network.calc_gradient(x, y, loss_obj)
    for layer in network.layers:
        layer.W -= alpha * layer.dW
        layer.b -= alpha * layer.db
    return loss
