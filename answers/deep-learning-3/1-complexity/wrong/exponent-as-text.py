# A word in place of a number.
# scores: test-growth-exponent 0

# %% growth-exponent
growth_exponent = "d^2"
