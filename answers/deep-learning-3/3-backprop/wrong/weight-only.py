# Returns dL/dw alone.
# scores: test-chain-rule 0

# %% chain-rule
def chain_rule_gradient(w, b, x, y):
    h = np.tanh(w * x + b)
    return (h - y) * (1 - h**2) * x
