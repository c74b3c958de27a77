# Forgets the loss that every new one is compared with.
# scores: test-loss-evaluations 2

# %% loss-evaluations
def loss_evaluations(method, n_parameters):
    if method == "numerical":
        return n_parameters
    return 1
