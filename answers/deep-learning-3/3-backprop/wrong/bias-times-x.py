# dL/db has the factor x, as if the bias were a weight.
# scores: test-chain-rule 3

# %% chain-rule
def chain_rule_gradient(w, b, x, y):
    h = np.tanh(w * x + b)
    dz = (h - y) * (1 - h**2)
    return dz * x, dz * x
