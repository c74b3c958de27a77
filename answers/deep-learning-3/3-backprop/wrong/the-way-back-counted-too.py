# Takes the way back for a second computation of the loss.
# scores: test-loss-evaluations 2

# %% loss-evaluations
def loss_evaluations(method, n_parameters):
    if method == "numerical":
        return n_parameters + 1
    return 2
