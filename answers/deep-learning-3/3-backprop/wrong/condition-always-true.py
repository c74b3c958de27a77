# `method == "numerical" or "forward"` is always true.
# scores: test-loss-evaluations 1

# %% loss-evaluations
def loss_evaluations(method, n_parameters):
    if method == "numerical" or "forward":
        return n_parameters + 1
    return 1
