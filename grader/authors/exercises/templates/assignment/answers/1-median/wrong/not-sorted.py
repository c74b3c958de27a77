# Takes the middle of the list as it is given.
# scores: test-median 1

# %% median
def median(numbers):
    half = len(numbers) // 2
    if len(numbers) % 2 == 1:
        return numbers[half]
    return (numbers[half - 1] + numbers[half]) / 2
