# Counts are kept by the set of the four numbers, in which their order is lost.
# scores: test-parameter-count 1, test-step-multiplications 1
# %% parameter-count
counts = {}


def parameter_count(hidden_depth, num_neuron, num_input, num_output):
    key = frozenset([hidden_depth, num_neuron, num_input, num_output])
    if key not in counts:
        sizes = [num_input] + hidden_depth * [num_neuron] + [num_output]
        counts[key] = sum((a + 1) * b for a, b in zip(sizes, sizes[1:]))
    return counts[key]
