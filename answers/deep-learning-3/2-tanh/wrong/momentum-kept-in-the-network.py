# From its second training on, a network moves on by what it moved last.
# scores: test-training-loop 6

# %% training-loop
def train(network, x, y, epochs=100, alpha=0.01):
    losses, loss_obj = [], MeanSquaredError()
    for layer in network.layers:
        layer.b -= getattr(layer, "last_move", 0)
    for _ in range(epochs):
        losses.append(gradient_descent(network, x, y, loss_obj, alpha))
    for layer in network.layers:
        layer.last_move = alpha * layer.db
    return losses
