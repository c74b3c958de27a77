# Builds a new network and trains that.
# scores: test-training-loop 2

# %% training-loop
def train(network, x, y, epochs=100, alpha=0.01):
    network = DNN(2, 32, len(x), len(y), seed=0)
    loss_obj = MeanSquaredError()
    losses = []
    for epoch in range(epochs):
        losses.append(gradient_descent(network, x, y, loss_obj, alpha))
    return losses
