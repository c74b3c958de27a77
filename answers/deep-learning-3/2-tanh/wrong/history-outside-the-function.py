# The list stands outside the function, so it holds the losses of earlier runs, too.
# scores: test-training-loop 2

# %% training-loop
history = []


def train(network, x, y, epochs=100, alpha=0.01):
    loss_obj = MeanSquaredError()
    for epoch in range(epochs):
        history.append(gradient_descent(network, x, y, loss_obj, alpha))
    return history
