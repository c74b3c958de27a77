# Takes each layer's way back for a computation of the loss, in a network of 6 layers.
# scores: test-loss-evaluations 2

# %% loss-evaluations
def loss_evaluations(method, n_parameters):
    layers = 6
    if method == "numerical":
        return n_parameters + 1
    return layers
