# Keeps the counts in a dictionary, by the depth alone: a network of the same depth and another size gets an old number.
# scores: test-parameter-count 1, test-step-multiplications 1

# %% parameter-count
known_counts = {}


def parameter_count(hidden_depth, num_neuron, num_input, num_output):
    if hidden_depth not in known_counts:
        sizes = [num_input] + [num_neuron] * hidden_depth + [num_output]
        known_counts[hidden_depth] = sum((a + 1) * b for a, b in zip(sizes, sizes[1:]))
    return known_counts[hidden_depth]
