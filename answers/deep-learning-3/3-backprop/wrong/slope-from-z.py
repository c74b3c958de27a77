# 1 - z**2 in place of 1 - h**2.
# scores: test-chain-rule 0

# %% chain-rule
def chain_rule_gradient(w, b, x, y):
    z = w * x + b
    h = np.tanh(z)
    dz = (h - y) * (1 - z**2)
    return dz * x, dz
