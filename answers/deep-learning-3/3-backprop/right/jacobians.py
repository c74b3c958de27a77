# Jacobians as matrices, multiplied; extra prints.

# %% loss-evaluations
def loss_evaluations(method, n_parameters):
    calls = 0
    def loss():
        nonlocal calls
        calls += 1
    loss()
    if method == "numerical":
        for _ in range(n_parameters):
            loss()
    return calls

# %% chain-rule
def chain_rule_gradient(w, b, x, y):
    theta = np.array([w, b], dtype=float)
    z = theta @ [x, 1]
    h = np.tanh(z)
    J = np.array([[h - y]]) @ np.array([[1 - h * h]]) @ np.array([[x, 1.0]])
    print("J =", J)
    return J[0]
