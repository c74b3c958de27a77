# Confuses dz/dw with dz/dx; the bias is right.
# scores: test-chain-rule 2

# %% chain-rule
def chain_rule_gradient(w, b, x, y):
    h = np.tanh(w * x + b)
    dz = (h - y) * (1 - h**2)
    return dz * w, dz
