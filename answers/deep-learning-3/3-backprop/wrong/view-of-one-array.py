# Parts of one array for all results: an earlier result changes at the next call.
# scores: test-chain-rule 2

# %% chain-rule
results = np.zeros(10)


def chain_rule_gradient(w, b, x, y):
    h = np.tanh(w * x + b)
    results[1] = (h - y) * (1 - h**2)
    results[0] = results[1] * x
    return results[:2]
