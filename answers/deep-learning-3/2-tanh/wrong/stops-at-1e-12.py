# Stops when the loss is below 1e-12.
# scores: test-training-loop 6

# %% training-loop
def train(network, x, y, epochs=100, alpha=0.01):
    losses, loss_obj = [], MeanSquaredError()
    for _ in range(epochs):
        losses.append(gradient_descent(network, x, y, loss_obj, alpha))
        if losses[-1] < 1e-12:
            break
    return losses
