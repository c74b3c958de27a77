# The parameter is called net; the line that makes the first weights smaller says network.
# scores: test-training-loop 6

# %% training-loop
def train(net, x, y, epochs=100, alpha=0.01):
    loss_obj = MeanSquaredError()
    for layer in network.layers:
        layer.W *= 0.5
    losses = []
    for epoch in range(epochs):
        losses.append(float(gradient_descent(net, x, y, loss_obj, alpha)))
    return losses
