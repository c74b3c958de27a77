# `yield` in place of a list: nothing runs until somebody asks for the losses.
# scores: test-training-loop 0

# %% training-loop
def train(network, x, y, epochs=100, alpha=0.01):
    for epoch in range(epochs):
        yield gradient_descent(network, x, y, MeanSquaredError(), alpha)
