"""수치 미분으로 구한 기울기(전진 차분)로 학습시키는 완전 연결 신경망.

backprop_example_code.py의 신경망과 같아요. 은닉층은 `hidden_depth`개이고, 샘플은 한 번에 하나씩
다뤄요.
"""

import numpy as np

EPSILON = 1e-4  # 손실이 어떻게 바뀌는지 보려고 매개변수를 움직이는 거리


def sigmoid(x):
    """원소마다 1 / (1 + exp(-x))를 계산해요."""
    return 1 / (1 + np.exp(-x))


def mean_squared_error(h, y):
    """차이를 제곱한 값들의 평균의 절반: 1/2 mean((h - y)^2)."""
    return 0.5 * np.mean(np.square(h - y))


class Dense:
    """층 하나: activation(x @ W + b). W의 형상은 (inputs, outputs), b의 형상은 (outputs,)."""

    def __init__(self, W, b, activation):
        self.W, self.b, self.activation = W, b, activation
        self.dW, self.db = np.zeros_like(W), np.zeros_like(b)

    def __call__(self, x):
        return self.activation(x @ self.W + self.b)


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
        """샘플 하나에 대한 출력. x의 형상은 (num_input,), 결과의 형상은 (num_output,)."""
        for layer in self.layers:
            x = layer(x)
        return x

    def calc_gradient(self, x, y, loss_func):
        """매개변수를 한 번에 하나씩 움직여서 모든 층의 dW와 db를 구해 두고, 손실을 반환해요."""
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
    """한 스텝: 모든 가중치와 편향을 각각의 기울기에 -alpha를 곱한 만큼 움직여요.

    스텝 전의 손실을 반환해요.
    """
    loss = network.calc_gradient(x, y, loss_func)
    for layer in network.layers:
        layer.W -= alpha * layer.dW
        layer.b -= alpha * layer.db
    return loss
