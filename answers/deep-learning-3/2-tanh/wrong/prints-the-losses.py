# Trains and prints, but returns nothing.
# scores: test-training-loop 2

# %% training-loop
def train(network, x, y, epochs=100, alpha=0.01):
    loss_obj = MeanSquaredError()
    for epoch in range(epochs):
        loss = gradient_descent(network, x, y, loss_obj, alpha)
        print(epoch, loss)
