# functools.cache keeps pairs by all four numbers; loss evaluations by both arguments.
# %% loss-evaluations
from functools import cache


@cache
def loss_evaluations(method, n_parameters):
    return {"numerical": n_parameters + 1, "backprop": 1}[method]
# %% chain-rule
@cache
def chain_rule_gradient(w, b, x, y):
    h = np.tanh(w * x + b)
    db = (h - y) * (1 - h) * (1 + h)
    return db * x, db
