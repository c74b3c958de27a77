# Compares with "Numerical", which is never given.
# scores: test-loss-evaluations 1

# %% loss-evaluations
def loss_evaluations(method, n_parameters):
    if method == "Numerical":
        return n_parameters + 1
    return 1
