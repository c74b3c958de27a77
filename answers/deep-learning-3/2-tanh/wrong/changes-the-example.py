# Scales x in place before it trains.
# scores: test-training-loop 2

# %% training-loop
def train(network, x, y, epochs=100, alpha=0.01):
    x /= np.linalg.norm(x)
    loss_obj = MeanSquaredError()
    return [gradient_descent(network, x, y, loss_obj, alpha) for _ in range(epochs)]
