# alpha is not handed on, so every step has the default size.
# scores: test-training-loop 6

# %% training-loop
def train(network, x, y, epochs=100, alpha=0.01):
    loss_obj = MeanSquaredError()
    losses = []
    for epoch in range(epochs):
        losses.append(gradient_descent(network, x, y, loss_obj))
    return losses
