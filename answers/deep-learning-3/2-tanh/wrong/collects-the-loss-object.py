# Trains, but the list holds the loss object, not the loss.
# scores: test-training-loop 2

# %% training-loop
def train(network, x, y, epochs=100, alpha=0.01):
    loss_obj = MeanSquaredError()
    losses = []
    for epoch in range(epochs):
        gradient_descent(network, x, y, loss_obj, alpha)
        losses.append(loss_obj)
    return losses
