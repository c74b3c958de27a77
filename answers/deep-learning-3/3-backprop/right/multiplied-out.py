# The product multiplied out; the count is a float that is whole.

# %% loss-evaluations
def loss_evaluations(method, n_parameters):
    return 1.0 + n_parameters * (method == "numerical")

# %% chain-rule
def chain_rule_gradient(w, b, x, y):
    h = np.tanh(w * x + b)
    db = h - y - h**3 + y * h**2
    dw = x * h - x * y - x * h**3 + x * y * h**2
    return np.float64(dw), np.float64(db)
