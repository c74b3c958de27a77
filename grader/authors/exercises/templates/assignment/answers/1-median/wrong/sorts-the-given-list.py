# Sorts the list itself, so that whoever gave it finds it in another order.
# scores: test-median 5

# %% median
def median(numbers):
    numbers.sort()
    return (numbers[(len(numbers) - 1) // 2] + numbers[len(numbers) // 2]) / 2
