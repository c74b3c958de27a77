# A dictionary by method; the slope of tanh as 1 / cosh(z)**2.

# %% loss-evaluations
def loss_evaluations(method, n_parameters):
    return {"numerical": n_parameters + 1, "backprop": 1}[method]

# %% chain-rule
def chain_rule_gradient(w, b, x, y):
    z = np.add(np.multiply(w, x), b)
    delta = (np.tanh(z) - y) / np.cosh(z) ** 2
    dw, db = delta * x, delta
    return dw, db
