# Trains in one line, with keyword arguments.

# %% training-loop
def train(network, x, y, epochs=100, alpha=0.01):
    loss_obj = MeanSquaredError()
    return [
        gradient_descent(network=network, x=x, y=y, loss_obj=loss_obj, alpha=alpha)
        for epoch in range(epochs)
    ]
