# Stops when the loss is below 1e-30; the rest of the list is 0.
# scores: test-training-loop 6

# %% training-loop
def train(network, x, y, epochs=100, alpha=0.01):
    losses, loss_obj = np.zeros(epochs), MeanSquaredError()
    for epoch in range(epochs):
        losses[epoch] = gradient_descent(network, x, y, loss_obj, alpha)
        if losses[epoch] < 1e-30:
            break
    return losses.tolist()
