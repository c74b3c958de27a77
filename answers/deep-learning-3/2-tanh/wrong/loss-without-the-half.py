# Trains rightly, but records another loss than the one it trains with.
# scores: test-training-loop 6

# %% training-loop
def train(network, x, y, epochs=100, alpha=0.01):
    loss_obj = MeanSquaredError()
    losses = []
    for epoch in range(epochs):
        losses.append(float(np.mean((network(x) - y) ** 2)))
        gradient_descent(network, x, y, loss_obj, alpha)
    return losses
