# The formula multiplied out; the second function does not use the first.

# %% parameter-count
parameter_count = lambda d, n, i, o: (d - 1) * n * n + n * (i + o + d) + o

# %% step-multiplications
def step_multiplications(d, n, i, o):
    weights = n * (i + (d - 1) * n + o)
    return weights * (weights + d * n + o + 1)
