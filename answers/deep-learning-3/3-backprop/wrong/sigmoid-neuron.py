# A neuron with a sigmoid in place of tanh.
# scores: test-chain-rule 0

# %% chain-rule
def chain_rule_gradient(w, b, x, y):
    h = 1 / (1 + np.exp(-(w * x + b)))
    dz = (h - y) * h * (1 - h)
    return dz * x, dz
