# Goes back by hand with o (1 - o), whatever the activation of the network.
# scores: test-training-loop 6

# %% training-loop
def train(network, x, y, epochs=100, alpha=0.01):
    losses = []
    for _ in range(epochs):
        outputs = [x]
        for layer in network.layers:
            outputs.append(layer(outputs[-1]))
        error = outputs[-1] - y
        losses.append(float(0.5 * np.mean(error**2)))
        delta = error / len(y)
        for i in range(len(network.layers) - 1, -1, -1):
            layer, o = network.layers[i], outputs[i + 1]
            delta = delta * o * (1 - o)
            back = layer.W @ delta
            layer.W -= alpha * np.outer(outputs[i], delta)
            layer.b -= alpha * delta
            delta = back
    return losses
