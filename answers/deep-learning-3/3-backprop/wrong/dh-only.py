# The gradient of the neuron's output; the loss is forgotten.
# scores: test-chain-rule 0

# %% chain-rule
def chain_rule_gradient(w, b, x, y):
    h = np.tanh(w * x + b)
    return (1 - h**2) * x, 1 - h**2
