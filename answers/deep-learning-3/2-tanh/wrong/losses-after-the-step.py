# Computes each loss after the step; asked for is the one before.
# scores: test-training-loop 6

# %% training-loop
def train(network, x, y, epochs=100, alpha=0.01):
    loss_obj = MeanSquaredError()
    losses = []
    for epoch in range(epochs):
        gradient_descent(network, x, y, loss_obj, alpha)
        losses.append(float(loss_obj(network(x), y)))
    return losses
