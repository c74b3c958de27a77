# Clears one deque and fills it again: what an earlier call returned changes, too.
# scores: test-training-loop 6

# %% training-loop
from collections import deque

history = deque()


def train(network, x, y, epochs=100, alpha=0.01):
    history.clear()
    loss_obj = MeanSquaredError()
    for _ in range(epochs):
        history.append(gradient_descent(network, x, y, loss_obj, alpha))
    return history
