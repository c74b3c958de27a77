# Single numbers with the math module; the pair is a list.

# %% loss-evaluations
def loss_evaluations(method, n_parameters):
    if method == "backprop":
        return 1
    else:
        return 1 + n_parameters

# %% chain-rule
import math


def chain_rule_gradient(w, b, x, y):
    z = w * x + b
    h = math.tanh(z)
    dL_dh = h - y
    dh_dz = 1 - h * h
    dz_dw = x
    dz_db = 1
    return [dL_dh * dh_dz * dz_dw, dL_dh * dh_dz * dz_db]
