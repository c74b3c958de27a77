# The number for central differences; the handout takes forward differences.
# scores: test-loss-evaluations 2

# %% loss-evaluations
def loss_evaluations(method, n_parameters):
    if method == "numerical":
        return 2 * n_parameters
    return 1
