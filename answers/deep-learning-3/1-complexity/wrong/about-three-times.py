# The factor read off a clock, which shows 3 to 4 where the count has 4.58.
# scores: test-growth-exponent 0

# %% growth-exponent
growth_exponent = 3

# %% [markdown] explain-complexity
# I ran both networks. Depth 5 took about 0.25 seconds and depth 10 about 0.8 seconds, so it takes
# about 3 times as long. The deeper network has more layers and therefore more to compute.
