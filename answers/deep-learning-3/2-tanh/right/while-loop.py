# Trains with a while loop and a counter.

# %% training-loop
def train(network, x, y, epochs=100, alpha=0.01):
    losses = []
    epoch = 0
    while epoch < epochs:
        losses += [gradient_descent(network, x, y, MeanSquaredError(), alpha)]
        epoch += 1
    return losses
