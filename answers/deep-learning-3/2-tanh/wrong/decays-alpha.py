# Halves the step size every 100 epochs.
# scores: test-training-loop 6

# %% training-loop
def train(network, x, y, epochs=100, alpha=0.01):
    loss_obj = MeanSquaredError()
    return [gradient_descent(network, x, y, loss_obj, alpha * 0.5 ** (i // 100)) for i in range(epochs)]
