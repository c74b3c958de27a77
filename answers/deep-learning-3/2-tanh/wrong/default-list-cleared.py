# The list is a default value, made once and cleared in each call.
# scores: test-training-loop 6

# %% training-loop
def train(network, x, y, epochs=100, alpha=0.01, losses=[]):
    del losses[:]
    for _ in range(epochs):
        losses.append(gradient_descent(network, x, y, MeanSquaredError(), alpha))
    return losses
