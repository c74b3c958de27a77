# Puts back the weights of the smallest loss that was seen, those before the last step.
# scores: test-training-loop 6

# %% training-loop
import copy

def train(network, x, y, epochs=100, alpha=0.01):
    loss_obj, losses, best = MeanSquaredError(), [], float("inf")
    for _ in range(epochs):
        before = copy.deepcopy(network.layers)
        loss = gradient_descent(network, x, y, loss_obj, alpha)
        losses.append(loss)
        if loss < best:
            best, best_layers = loss, before
    network.layers = best_layers
    return losses
