# Keeps six digits of each loss.
# scores: test-training-loop 6

# %% training-loop
def train(network, x, y, epochs=100, alpha=0.01):
    loss = MeanSquaredError()
    losses = []
    for _ in range(epochs):
        losses.append(round(gradient_descent(network, x, y, loss, alpha), 6))
    return losses
