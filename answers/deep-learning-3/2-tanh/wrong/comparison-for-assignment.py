# layer.W == ... compares where an assignment was meant.
# scores: test-training-loop 0

# %% training-loop
def train(network, x, y, epochs=100, alpha=0.01):
    loss_obj = MeanSquaredError()
    losses = []
    for epoch in range(epochs):
        losses.append(network.calc_gradient(x, y, loss_obj))
        for layer in network.layers:
            layer.W == layer.W - alpha * layer.dW
            layer.b == layer.b - alpha * layer.db
    return losses
