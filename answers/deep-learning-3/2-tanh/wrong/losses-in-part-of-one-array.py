# Returns the first part of one long array: what an earlier call returned changes, too.
# scores: test-training-loop 6

# %% training-loop
history = np.zeros(10_000)


def train(network, x, y, epochs=100, alpha=0.01):
    loss_obj = MeanSquaredError()
    for epoch in range(epochs):
        history[epoch] = gradient_descent(network, x, y, loss_obj, alpha)
    return history[:epochs]
