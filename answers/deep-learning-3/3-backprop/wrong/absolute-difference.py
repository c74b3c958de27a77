# |h - y| in place of h - y: the sign is lost where h < y.
# scores: test-chain-rule 2

# %% chain-rule
def chain_rule_gradient(w, b, x, y):
    h = np.tanh(w * x + b)
    common = abs(h - y) * (1 - h**2)
    return common * x, common
