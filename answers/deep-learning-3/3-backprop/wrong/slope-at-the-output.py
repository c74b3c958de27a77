# 1 - tanh(h)**2: tanh is taken twice.
# scores: test-chain-rule 0

# %% chain-rule
def chain_rule_gradient(w, b, x, y):
    h = np.tanh(w * x + b)
    dz = (h - y) * (1 - np.tanh(h) ** 2)
    return dz * x, dz
