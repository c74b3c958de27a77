# Puts the losses into a NumPy array that was made beforehand, and prints as it goes.

# %% training-loop
def train(network, x, y, epochs=100, alpha=0.01):
    losses = np.zeros(epochs)
    for i in range(epochs):
        losses[i] = gradient_descent(network, x, y, loss_obj=MeanSquaredError(), alpha=alpha)
        if i % 10 == 0:
            print(f"epoch {i}: {losses[i]}")
    return losses
