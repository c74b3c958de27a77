# A named tuple; nested functions for every factor; the count by a get with a default.

# %% loss-evaluations
loss_evaluations = lambda method, n_parameters: {"numerical": n_parameters}.get(method, 0) + 1

# %% chain-rule
from typing import NamedTuple

class Gradient(NamedTuple):
    dw: float
    db: float

def chain_rule_gradient(w: float, b: float, x: float, y: float) -> Gradient:
    z = w * x + b
    sech2 = 2 / (np.cosh(2 * z) + 1)
    return Gradient(dw=(np.tanh(z) - y) * sech2 * x, db=(np.tanh(z) - y) * sech2)
