# A match statement that refuses other methods; tanh written out with exponentials.

# %% loss-evaluations
def loss_evaluations(method, n_parameters):
    match method:
        case "numerical":
            return n_parameters + 1
        case "backprop":
            return 1
        case _:
            raise ValueError(f"unknown method {method}")

# %% chain-rule
def chain_rule_gradient(w, b, x, y):
    e = np.exp(2 * (w * x + b))
    h = (e - 1) / (e + 1)
    slope = 4 * e / (e + 1) ** 2
    db = (h - y) * slope
    return (x * db, db)
