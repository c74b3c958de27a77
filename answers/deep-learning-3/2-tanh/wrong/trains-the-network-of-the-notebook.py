# The parameter has another name, and the loop trains the notebook's network.
# scores: test-training-loop 0

# %% training-loop
def train(net, x, y, epochs=100, alpha=0.01):
    loss_obj = MeanSquaredError()
    losses = []
    for epoch in range(epochs):
        losses.append(gradient_descent(network, x, y, loss_obj, alpha))
    return losses
