# Prints the loss object in every epoch and trains nothing.
# scores: test-training-loop 0

# %% training-loop
def train(network, x, y, epochs=100, alpha=0.01):
    loss_obj = MeanSquaredError()
    for epoch in range(epochs):
        print("epoch", epoch, "loss", loss_obj)
