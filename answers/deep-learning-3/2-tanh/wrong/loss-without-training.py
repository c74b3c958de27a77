# Computes the loss in every epoch and never makes a step.
# scores: test-training-loop 0

# %% training-loop
def train(network, x, y, epochs=100, alpha=0.01):
    loss_obj = MeanSquaredError()
    losses = []
    for epoch in range(epochs):
        losses.append(network.calc_gradient(x, y, loss_obj))
    return losses
