# Sees that there are more passes, and forgets that each pass gets longer, too.
# scores: test-growth-exponent 0

# %% growth-exponent
growth_exponent = 1

# %% [markdown] explain-complexity
# With 10 hidden layers there are about twice as many parameters as with 5. Forward differences move
# one parameter after the other, so it takes about 2 times as long.
