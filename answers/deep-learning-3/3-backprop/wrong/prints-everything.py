# Prints the right numbers and returns nothing.
# scores: test-loss-evaluations 0, test-chain-rule 0

# %% loss-evaluations
def loss_evaluations(method, n_parameters):
    print(n_parameters + 1 if method == "numerical" else 1)

# %% chain-rule
def chain_rule_gradient(w, b, x, y):
    h = np.tanh(w * x + b)
    print((h - y) * (1 - h**2) * x, (h - y) * (1 - h**2))
