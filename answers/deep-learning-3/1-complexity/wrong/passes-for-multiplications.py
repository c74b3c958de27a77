# Counts the passes of a step, not the multiplications in them.
# scores: test-step-multiplications 0

# %% step-multiplications
def step_multiplications(hidden_depth, num_neuron, num_input, num_output):
    passes = 1
    for _ in range(parameter_count(hidden_depth, num_neuron, num_input, num_output)):
        passes += 1
    return passes
