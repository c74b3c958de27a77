# Stops when the loss has not fallen for ten epochs, and fills the list with the best one.
# scores: test-training-loop 6

# %% training-loop
def train(network, x, y, epochs=100, alpha=0.01):
    losses, loss_obj, best, waited = [], MeanSquaredError(), float("inf"), 0
    for _ in range(epochs):
        loss = gradient_descent(network, x, y, loss_obj, alpha)
        losses.append(loss)
        best, waited = (loss, 0) if loss < best else (best, waited + 1)
        if waited == 10:
            break
    return losses + [best] * (epochs - len(losses))
