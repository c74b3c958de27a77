# The list is a default value, made once: it grows from call to call.
# scores: test-training-loop 2

# %% training-loop
def train(network, x, y, epochs=100, alpha=0.01, losses=[]):
    for _ in range(epochs):
        losses.append(gradient_descent(network, x, y, MeanSquaredError(), alpha))
    return losses
