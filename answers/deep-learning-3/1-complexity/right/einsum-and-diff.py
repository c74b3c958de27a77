# NumPy style: an array of layer sizes, dot products of its shifted copies.

# %% parameter-count
def parameter_count(hidden_depth: int, num_neuron: int, num_input: int, num_output: int) -> int:
    sizes = np.r_[num_input, np.full(hidden_depth, num_neuron), num_output]
    return np.einsum("i,i->", sizes[:-1] + 1, sizes[1:])

# %% step-multiplications
def step_multiplications(hidden_depth, num_neuron, num_input, num_output):
    sizes = np.concatenate(([num_input], np.repeat(num_neuron, hidden_depth), [num_output]))
    W = sizes[:-1] @ sizes[1:]
    return W * (W + sizes[1:].sum() + 1)

# %% growth-exponent
d = 2.0 ** np.arange(8, 16)
growth_exponent = np.rint(np.polyfit(np.log(d), np.log([float(step_multiplications(int(k), 32, 10, 2)) for k in d]), 1)[0])
