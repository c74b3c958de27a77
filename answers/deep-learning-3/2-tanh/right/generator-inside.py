# A generator of losses inside, list() outside; positional parameters of other names for the helpers.

# %% training-loop
from functools import partial
from itertools import islice

def train(network, x, y, epochs=100, alpha=0.01):
    step = partial(gradient_descent, network, x, y, MeanSquaredError(), alpha)
    return list(islice(iter(step, object()), epochs))
