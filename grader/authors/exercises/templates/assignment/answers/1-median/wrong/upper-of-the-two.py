# Of an even number of numbers, takes the upper of the two in the middle.
# scores: test-median 4

# %% median
def median(numbers):
    return sorted(numbers)[len(numbers) // 2]
