# (dL/db, dL/dw) in place of (dL/dw, dL/db).
# scores: test-chain-rule 0

# %% chain-rule
def chain_rule_gradient(w, b, x, y):
    h = np.tanh(w * x + b)
    dz = (h - y) * (1 - h**2)
    return dz, dz * x
