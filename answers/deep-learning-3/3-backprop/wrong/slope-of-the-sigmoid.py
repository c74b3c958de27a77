# h (1 - h), as in the handout.
# scores: test-chain-rule 0

# %% chain-rule
def chain_rule_gradient(w, b, x, y):
    h = np.tanh(w * x + b)
    dz = (h - y) * h * (1 - h)
    return dz * x, dz
