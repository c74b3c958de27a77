# All epochs, and one more step at the end.
# scores: test-training-loop 6

# %% training-loop
def train(network, x, y, epochs=100, alpha=0.01):
    losses = [gradient_descent(network, x, y, MeanSquaredError(), alpha) for _ in range(epochs)]
    final = gradient_descent(network, x, y, MeanSquaredError(), alpha)
    print("final loss", final)
    return losses
