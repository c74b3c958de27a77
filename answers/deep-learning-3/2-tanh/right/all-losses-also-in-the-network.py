# The network keeps the losses of all its trainings; each call returns a list of its own.

# %% training-loop
def train(network, x, y, epochs=100, alpha=0.01):
    loss_obj = MeanSquaredError()
    network.history = getattr(network, "history", [])
    start = len(network.history)
    for _ in range(epochs):
        network.history.append(gradient_descent(network, x, y, loss_obj, alpha))
    return network.history[start:]
