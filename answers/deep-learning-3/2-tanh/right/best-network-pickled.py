# The best network so far is kept in a file, and a deep copy of it beside that; the training goes on with its own.
# %% training-loop
import copy
import pickle
import tempfile


def train(network, x, y, epochs=100, alpha=0.01):
    loss_object, losses, best = MeanSquaredError(), [], None
    with tempfile.TemporaryFile() as file:
        for _ in range(epochs):
            losses.append(gradient_descent(network, x, y, loss_object, alpha))
            if losses[-1] == min(losses):
                file.seek(0)
                pickle.dump(network, file)
                best = copy.deepcopy(network)
        if best is not None:
            file.seek(0)
            assert len(pickle.load(file).layers) == len(best.layers)
    return losses
