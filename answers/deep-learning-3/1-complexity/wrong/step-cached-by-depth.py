# Only the counts of a step are kept by depth alone.
# scores: test-step-multiplications 1

# %% step-multiplications
cache = {}

def step_multiplications(hidden_depth, num_neuron, num_input, num_output):
    if hidden_depth in cache:
        return cache[hidden_depth]
    p = parameter_count(hidden_depth, num_neuron, num_input, num_output)
    cache[hidden_depth] = (p + 1) * (p - hidden_depth * num_neuron - num_output)
    return cache[hidden_depth]
