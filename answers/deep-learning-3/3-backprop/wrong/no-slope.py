# The factor of tanh is left out, as if the neuron were linear.
# scores: test-chain-rule 0

# %% chain-rule
def chain_rule_gradient(w, b, x, y):
    h = np.tanh(w * x + b)
    dz = h - y
    return dz * x, dz
