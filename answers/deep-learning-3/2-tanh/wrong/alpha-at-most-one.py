# A large alpha is taken for a mistake, and cut off at 1.
# scores: test-training-loop 6

# %% training-loop
def train(network, x, y, epochs=100, alpha=0.01):
    loss_obj = MeanSquaredError()
    alpha = min(alpha, 1.0)
    return [gradient_descent(network, x, y, loss_obj, alpha) for _ in range(epochs)]
