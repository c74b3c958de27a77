# The list is made after the loop, of the last loss.
# scores: test-training-loop 4

# %% training-loop
def train(network, x, y, epochs=100, alpha=0.01):
    loss_obj = MeanSquaredError()
    for epoch in range(epochs):
        loss = gradient_descent(network, x, y, loss_obj, alpha)
    return [loss] * epochs
