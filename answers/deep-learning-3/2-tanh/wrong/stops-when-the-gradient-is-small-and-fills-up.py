# No step where the gradient is small: the list is filled with the loss that was reached.
# scores: test-training-loop 6

# %% training-loop
def train(network, x, y, epochs=100, alpha=0.01):
    losses, loss_obj = [], MeanSquaredError()
    for _ in range(epochs):
        loss = network.calc_gradient(x, y, loss_obj)
        if max(np.abs(layer.db).max() for layer in network.layers) > 1e-15:
            loss = gradient_descent(network, x, y, loss_obj, alpha)
        losses.append(loss)
    return losses
