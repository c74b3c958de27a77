# Writes the update out in place of calling gradient_descent.

# %% training-loop
def train(network, x, y, epochs=100, alpha=0.01):
    mse = MeanSquaredError()
    history = []
    for _ in range(epochs):
        history.append(network.calc_gradient(x, y, mse))
        for layer in network.layers:
            layer.W = layer.W - alpha * layer.dW
            layer.b = layer.b - alpha * layer.db
    return history
