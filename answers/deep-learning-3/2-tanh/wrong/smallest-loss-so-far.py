# The list holds the smallest loss so far, not that of the epoch.
# scores: test-training-loop 6

# %% training-loop
def train(network, x, y, epochs=100, alpha=0.01):
    losses, loss_obj = [], MeanSquaredError()
    for _ in range(epochs):
        loss = gradient_descent(network, x, y, loss_obj, alpha)
        losses.append(min([loss, *losses]))
    return losses
