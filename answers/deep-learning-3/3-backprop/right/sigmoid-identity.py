# tanh by 2 s(2z) - 1, and its slope by 4 s (1 - s); the method by its first letter.

# %% loss-evaluations
def loss_evaluations(method, n_parameters):
    match method[:1]:
        case "n":
            return np.int32(1 + n_parameters)
        case "b":
            return np.uint8(1)

# %% chain-rule
def chain_rule_gradient(w, b, x, y):
    s = 1 / (1 + np.exp(-2 * (w * x + b)))
    common = (2 * s - 1 - y) * 4 * s * (1 - s)
    return [common * x, common * 1]
