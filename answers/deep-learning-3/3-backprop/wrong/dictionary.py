# A dictionary in place of a pair.
# scores: test-chain-rule 0

# %% chain-rule
def chain_rule_gradient(w, b, x, y):
    h = np.tanh(w * x + b)
    dz = (h - y) * (1 - h**2)
    return {"dw": dz * x, "db": dz}
