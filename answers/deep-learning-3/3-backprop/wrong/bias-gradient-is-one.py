# dL/db: "dz/db = 1" taken for the whole product.
# scores: test-chain-rule 3

# %% chain-rule
def chain_rule_gradient(w, b, x, y):
    h = np.tanh(w * x + b)
    return (h - y) * (1 - h**2) * x, 1.0
