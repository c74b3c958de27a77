# Variables and helpers of the learner have names that the checks use, too.

# %% loss-evaluations
def number(n):
    return n + 1


check = plain = expect = "mine"
numpy = points = counts = None


def loss_evaluations(method, n_parameters):
    return number(n_parameters) if method.startswith("num") else number(0)

# %% chain-rule
def gradient(h, y):
    return (h - y) * slope(h)


def slope(h):
    return 1 - h**2


def right(h, y, x):
    return gradient(h, y) * x


x = y = w = b = network = same = check = np.nan


def chain_rule_gradient(w, b, x, y):
    h = np.tanh(w * x + b)
    return right(h, y, x), right(h, y, 1)
