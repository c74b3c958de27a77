# Measures the gradient by differences, where formulas are asked for.
# scores: test-chain-rule 2

# %% chain-rule
def chain_rule_gradient(w, b, x, y):
    def loss(w, b):
        return 0.5 * (np.tanh(w * x + b) - y) ** 2

    d = 1e-5
    return (loss(w + d, b) - loss(w - d, b)) / (2 * d), (loss(w, b + d) - loss(w, b - d)) / (2 * d)
