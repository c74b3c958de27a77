# The update stands outside the loop over the layers.
# scores: test-training-loop 2

# %% training-loop
def train(network, x, y, epochs=100, alpha=0.01):
    loss_obj = MeanSquaredError()
    losses = []
    for epoch in range(epochs):
        losses.append(network.calc_gradient(x, y, loss_obj))
        for layer in network.layers:
            last = layer
        last.W -= alpha * last.dW
        last.b -= alpha * last.db
    return losses
