# alpha stands before epochs in the parameters: a call without names exchanges the two.
# scores: test-training-loop 6

# %% training-loop
def train(network, x, y, alpha=0.01, epochs=100):
    loss_obj = MeanSquaredError()
    losses = []
    while len(losses) < epochs:
        losses.append(gradient_descent(network, x, y, loss_obj, alpha))
    return losses
