# An epoch, and then the rest of them by a call of train itself.

# %% training-loop
def train(network, x, y, epochs=100, alpha=0.01):
    if epochs == 0:
        return []
    loss = gradient_descent(network, x, y, MeanSquaredError(), alpha)
    return [loss] + train(network, x, y, epochs - 1, alpha)
