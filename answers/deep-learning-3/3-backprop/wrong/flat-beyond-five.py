# tanh is taken for flat beyond 5.
# scores: test-chain-rule 2

# %% chain-rule
def chain_rule_gradient(w, b, x, y):
    z = w * x + b
    if abs(z) > 5:
        return 0.0, 0.0
    h = np.tanh(z)
    return (h - y) * (1 - h**2) * x, (h - y) * (1 - h**2)
