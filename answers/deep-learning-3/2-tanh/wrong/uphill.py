# An update of its own with the wrong sign: the loss rises.
# scores: test-training-loop 0

# %% training-loop
def train(network, x, y, epochs=100, alpha=0.01):
    loss_obj = MeanSquaredError()
    losses = []
    for epoch in range(epochs):
        losses.append(network.calc_gradient(x, y, loss_obj))
        for layer in network.layers:
            layer.W += alpha * layer.dW
            layer.b += alpha * layer.db
    return losses
