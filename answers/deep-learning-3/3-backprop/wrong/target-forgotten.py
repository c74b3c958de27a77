# The derivative of h**2 / 2: the target is not in it.
# scores: test-chain-rule 0

# %% chain-rule
def chain_rule_gradient(w, b, x, y):
    h = np.tanh(w * x + b)
    dz = h * (1 - h**2)
    return dz * x, dz
