# The targets are clipped to what a sigmoid can reach.
# scores: test-training-loop 4

# %% training-loop
def train(network, x, y, epochs=100, alpha=0.01):
    loss_obj = MeanSquaredError()
    y = np.clip(y, 0, 1)
    return [gradient_descent(network, x, y, loss_obj, alpha) for _ in range(epochs)]
