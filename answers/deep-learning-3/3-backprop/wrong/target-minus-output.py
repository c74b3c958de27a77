# y - h in place of h - y: the wrong sign.
# scores: test-chain-rule 0

# %% chain-rule
def chain_rule_gradient(w, b, x, y):
    h = np.tanh(w * x + b)
    dz = (y - h) * (1 - h**2)
    return dz * x, dz
