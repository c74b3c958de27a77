# range(epochs + 1).
# scores: test-training-loop 2

# %% training-loop
def train(network, x, y, epochs=100, alpha=0.01):
    loss_obj = MeanSquaredError()
    losses = []
    for epoch in range(epochs + 1):
        losses.append(gradient_descent(network, x, y, loss_obj, alpha))
    return losses
