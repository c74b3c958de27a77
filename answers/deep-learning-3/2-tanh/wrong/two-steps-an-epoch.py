# Takes a step to train, and another one to get the loss.
# scores: test-training-loop 4

# %% training-loop
def train(network, x, y, epochs=100, alpha=0.01):
    loss_obj = MeanSquaredError()
    losses = []
    for epoch in range(epochs):
        gradient_descent(network, x, y, loss_obj, alpha)
        losses.append(gradient_descent(network, x, y, loss_obj, alpha))
    return losses
