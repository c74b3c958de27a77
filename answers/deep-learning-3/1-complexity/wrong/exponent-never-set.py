# Prints the exponent, but gives it another name.
# scores: test-growth-exponent 0

# %% growth-exponent
p = 2
print(p)
