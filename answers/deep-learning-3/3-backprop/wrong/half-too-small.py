# The 1/2 of the loss is kept, and the 2 of the square forgotten.
# scores: test-chain-rule 0

# %% chain-rule
def chain_rule_gradient(w, b, x, y):
    h = np.tanh(w * x + b)
    dz = 0.5 * (h - y) * (1 - h**2)
    return dz * x, dz
