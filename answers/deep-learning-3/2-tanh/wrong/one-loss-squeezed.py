# squeeze() makes a plain number of a list with one loss.
# scores: test-training-loop 6

# %% training-loop
def train(network, x, y, epochs=100, alpha=0.01):
    loss_obj = MeanSquaredError()
    losses = np.zeros((epochs, 1))
    for epoch in range(epochs):
        losses[epoch] = gradient_descent(network, x, y, loss_obj, alpha)
    return losses.squeeze()
