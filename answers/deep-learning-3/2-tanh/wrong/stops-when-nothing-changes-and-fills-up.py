# Stops when the loss hardly changes any more, and fills the list with the last one.
# scores: test-training-loop 6

# %% training-loop
def train(network, x, y, epochs=100, alpha=0.01):
    losses, loss_obj = [], MeanSquaredError()
    for _ in range(epochs):
        losses.append(gradient_descent(network, x, y, loss_obj, alpha))
        if len(losses) > 1 and abs(losses[-2] - losses[-1]) < 1e-15:
            break
    losses.extend([losses[-1]] * (epochs - len(losses)))
    return losses
