# Gives the network its first weights back where the loss rose in the end.
# scores: test-training-loop 6

# %% training-loop
def train(network, x, y, epochs=100, alpha=0.01):
    losses, loss_obj = [], MeanSquaredError()
    first = [(layer.W.copy(), layer.b.copy()) for layer in network.layers]
    for _ in range(epochs):
        losses.append(gradient_descent(network, x, y, loss_obj, alpha))
    if losses[-1] > losses[0]:
        for layer, (layer.W, layer.b) in zip(network.layers, first):
            pass
    return losses
