# Counts up one number in all calls.
# scores: test-loss-evaluations 0
# %% loss-evaluations
evaluations = 0


def loss_evaluations(method, n_parameters):
    global evaluations
    for _ in range(n_parameters if method == "numerical" else 0):
        evaluations += 1
    evaluations += 1
    return evaluations
