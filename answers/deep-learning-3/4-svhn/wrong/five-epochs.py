# EPOCHS is 5.
# scores: test-epochs 0
# %% epochs
EPOCHS = 5
