# The exponent between depth 20 and 40, where the first and last layer still count.
# scores: test-growth-exponent 0

# %% growth-exponent
import math

growth_exponent = math.log2(step_multiplications(40, 32, 10, 2) / step_multiplications(20, 32, 10, 2))
