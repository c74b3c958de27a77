# backprop is said to compute no loss at all.
# scores: test-loss-evaluations 1

# %% loss-evaluations
def loss_evaluations(method, n_parameters):
    if method == "numerical":
        return n_parameters + 1
    return 0
