# Takes one method for the other.
# scores: test-loss-evaluations 0

# %% loss-evaluations
def loss_evaluations(method, n_parameters):
    if method == "numerical":
        return 1
    return n_parameters + 1
