# Does everything by hand from the layers: forward, loss, backward, update in another order.

# %% training-loop
def train(network, x, y, epochs=100, alpha=0.01):
    losses = np.full(epochs, np.nan).tolist()
    for t in range(epochs):
        h = x
        for layer in network.layers:
            h = layer(h)
        e = h - y
        losses[t] = float(e @ e / (2 * e.size))
        delta = e / e.size
        for layer in reversed(network.layers):
            delta, old = layer.backward(delta), layer
            old.b = old.b - alpha * old.db
            old.W = old.W - np.multiply(alpha, old.dW)
    return losses
