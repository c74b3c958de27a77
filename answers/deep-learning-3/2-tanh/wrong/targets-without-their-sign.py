# The targets lose their sign.
# scores: test-training-loop 4

# %% training-loop
def train(network, x, y, epochs=100, alpha=0.01):
    loss_obj = MeanSquaredError()
    y = np.abs(y)
    return [gradient_descent(network, x, y, loss_obj, alpha) for _ in range(epochs)]
