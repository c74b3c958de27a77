# Halves alpha whenever the loss has risen.
# scores: test-training-loop 6

# %% training-loop
def train(network, x, y, epochs=100, alpha=0.01):
    losses, loss_obj = [], MeanSquaredError()
    for _ in range(epochs):
        if len(losses) > 1 and losses[-1] > losses[-2]:
            alpha = alpha / 2
        losses.append(gradient_descent(network, x, y, loss_obj, alpha))
    return losses
