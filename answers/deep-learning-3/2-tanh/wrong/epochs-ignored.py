# Always 100 epochs.
# scores: test-training-loop 4

# %% training-loop
def train(network, x, y, epochs=100, alpha=0.01):
    loss_obj = MeanSquaredError()
    losses = []
    for epoch in range(100):
        losses.append(gradient_descent(network, x, y, loss_obj, alpha))
    return losses
