# The target is clipped to the range of tanh.
# scores: test-chain-rule 2

# %% chain-rule
def chain_rule_gradient(w, b, x, y):
    h = np.tanh(w * x + b)
    y = max(min(y, 1), -1)
    return (h - y) * (1 - h**2) * x, (h - y) * (1 - h**2)
