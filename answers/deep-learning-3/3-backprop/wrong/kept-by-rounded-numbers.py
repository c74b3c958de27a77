# Pairs are kept by the four numbers, rounded to six digits.
# scores: test-chain-rule 2
# %% chain-rule
pairs = {}


def chain_rule_gradient(w, b, x, y):
    key = tuple(round(number, 6) for number in (w, b, x, y))
    if key not in pairs:
        h = np.tanh(w * x + b)
        db = (h - y) * (1 - h**2)
        pairs[key] = db * x, db
    return pairs[key]
