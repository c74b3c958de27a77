# One array for all results: an earlier result changes at the next call.
# scores: test-chain-rule 2

# %% chain-rule
pair = np.zeros(2)

def chain_rule_gradient(w, b, x, y):
    h = np.tanh(w * x + b)
    pair[1] = (h - y) * (1 - h**2)
    pair[0] = pair[1] * x
    return pair
