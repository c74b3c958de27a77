# The pair is an array; the count is an np.int64.

# %% loss-evaluations
def loss_evaluations(method, n_parameters):
    evaluations = np.zeros(n_parameters + 1, dtype=np.int64)
    if method == "numerical":
        evaluations[:] = 1
    else:
        evaluations[0] = 1
    return evaluations.sum()

# %% chain-rule
def chain_rule_gradient(w, b, x, y):
    parameters = np.array([w, b])
    inputs = np.array([x, 1.0])
    h = np.tanh(parameters @ inputs)
    return (h - y) * (1 - h**2) * inputs
