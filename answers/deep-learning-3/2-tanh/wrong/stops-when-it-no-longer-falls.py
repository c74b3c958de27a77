# Stops as soon as the loss no longer falls.
# scores: test-training-loop 6

# %% training-loop
def train(network, x, y, epochs=100, alpha=0.01):
    losses, loss_obj = [], MeanSquaredError()
    for _ in range(epochs):
        losses.append(gradient_descent(network, x, y, loss_obj, alpha))
        if len(losses) > 1 and losses[-1] >= losses[-2]:
            break
    return losses
