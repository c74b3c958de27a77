# The slope at w x, without b: the bias is forgotten in one of the factors.
# scores: test-chain-rule 0

# %% chain-rule
def chain_rule_gradient(w, b, x, y):
    h = np.tanh(w * x + b)
    o = np.tanh(w * x)
    common = (h - y) * (1 - o**2)
    return common * x, common
