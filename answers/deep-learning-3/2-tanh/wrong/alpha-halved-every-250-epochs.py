# alpha is halved after every 250 epochs.
# scores: test-training-loop 6

# %% training-loop
def train(network, x, y, epochs=100, alpha=0.01):
    loss_obj = MeanSquaredError()
    losses = []
    for epoch in range(epochs):
        if epoch and epoch % 250 == 0:
            alpha /= 2
        losses.append(gradient_descent(network, x, y, loss_obj, alpha))
    return losses
