# NumPy's numbers of single precision, handed back as Python's.

# %% chain-rule
def chain_rule_gradient(w, b, x, y):
    w, b, x, y = (np.float32(number) for number in (w, b, x, y))
    h = np.tanh(w * x + b)
    d = (h - y) * (1 - h**2)
    return float(d * x), float(d)
