# Raises a TypeError for other types than the exercise names.

# %% training-loop
def train(network, x, y, epochs=100, alpha=0.01):
    loss_obj = MeanSquaredError()
    for value, kind in ((x, np.ndarray), (y, np.ndarray), (epochs, int), (alpha, float)):
        if not isinstance(value, kind):
            raise TypeError(f"expected {kind.__name__}, got {type(value).__name__}")
    return [gradient_descent(network, x, y, loss_obj, alpha) for _ in range(epochs)]
