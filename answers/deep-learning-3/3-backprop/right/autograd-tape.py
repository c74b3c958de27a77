# A small tape of backward functions; state cleared by a new tape in each call.

# %% chain-rule
class Tape(list):
    def back(self, g):
        for f in reversed(self):
            g = f(g)
        return g

def chain_rule_gradient(w, b, x, y):
    tape, out = Tape(), {}
    z = w * x + b
    tape.append(lambda g: (out.update(w=g * x, b=g), g)[1])
    h = np.tanh(z)
    tape.append(lambda g: g * (1 - h**2))
    tape.append(lambda g: g * (h - y))
    tape.back(1.0)
    return out["w"], out["b"]
