# Takes "about 4 times" itself for the power.
# scores: test-growth-exponent 0

# %% growth-exponent
growth_exponent = 4
