# An array of the right length is made first and filled, a loss at a time.

# %% training-loop
def train(network, x, y, epochs=100, alpha=0.01):
    losses, loss_obj, epoch = np.full(epochs, np.nan), MeanSquaredError(), 0
    while True:
        if epoch == epochs:
            break
        losses[epoch] = gradient_descent(network, x, y, loss_obj, alpha)
        epoch += 1
    return [float(loss) for loss in losses]
