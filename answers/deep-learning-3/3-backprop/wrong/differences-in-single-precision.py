# Measures the slope with a small step, in single precision.
# scores: test-chain-rule 0

# %% chain-rule
def chain_rule_gradient(w, b, x, y):
    def loss(w, b):
        return np.float32(0.5) * (np.tanh(w * x + b) - y) ** 2

    w, b, x, y = (np.float32(number) for number in (w, b, x, y))
    step = np.float32(1e-3)
    dw = (loss(w + step, b) - loss(w - step, b)) / (2 * step)
    db = (loss(w, b + step) - loss(w, b - step)) / (2 * step)
    return dw, db
