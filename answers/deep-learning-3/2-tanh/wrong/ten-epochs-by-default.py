# Without the argument epochs, there are 10 of them, not 100.
# scores: test-training-loop 4

# %% training-loop
def train(network, x, y, epochs=10, alpha=0.01):
    loss_obj = MeanSquaredError()
    return [gradient_descent(network, x, y, loss_obj, alpha) for _ in range(epochs)]
