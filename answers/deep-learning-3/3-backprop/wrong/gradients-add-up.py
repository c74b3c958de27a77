# The gradients are added to those of earlier calls, as in a library that must be told to set them to zero.
# scores: test-chain-rule 0

# %% chain-rule
class Neuron:
    dw = db = 0.0

    def backward(self, w, b, x, y):
        h = np.tanh(w * x + b)
        self.dw += (h - y) * (1 - h**2) * x
        self.db += (h - y) * (1 - h**2)
        return self.dw, self.db

neuron = Neuron()

def chain_rule_gradient(w, b, x, y):
    return neuron.backward(w, b, x, y)
