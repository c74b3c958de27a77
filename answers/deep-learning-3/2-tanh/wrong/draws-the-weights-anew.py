# Gives the network passed in new weights before it trains.
# scores: test-training-loop 2

# %% training-loop
def train(network, x, y, epochs=100, alpha=0.01):
    rng = np.random.default_rng(0)
    for layer in network.layers:
        layer.W = rng.normal(0, 0.5, layer.W.shape)
    loss_obj = MeanSquaredError()
    losses = []
    for epoch in range(epochs):
        losses.append(gradient_descent(network, x, y, loss_obj, alpha))
    return losses
