# The 1/2 of the loss is forgotten.
# scores: test-chain-rule 0

# %% chain-rule
def chain_rule_gradient(w, b, x, y):
    h = np.tanh(w * x + b)
    dz = 2 * (h - y) * (1 - h**2)
    return dz * x, dz
