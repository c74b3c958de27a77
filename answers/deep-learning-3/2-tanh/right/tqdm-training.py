# Shows a progress bar with tqdm, and prints.

# %% training-loop
from tqdm import tqdm, trange

def train(network, x, y, epochs=100, alpha=0.01):
    history = []
    bar = trange(epochs, desc="training")
    for epoch in bar:
        loss = gradient_descent(network, x, y, MeanSquaredError(), alpha=alpha)
        bar.set_postfix(loss=loss)
        history.append(loss)
    return history
