# np.zeros_like of whole numbers holds whole numbers: the gradient is cut off where w and b are whole.
# scores: test-chain-rule 2

# %% chain-rule
def chain_rule_gradient(w, b, x, y):
    params = np.array([w, b])
    grads = np.zeros_like(params)
    h = np.tanh(params[0] * x + params[1])
    grads[1] = (h - y) * (1 - h**2)
    grads[0] = grads[1] * x
    return grads
