# EPOCHS is 10.0, which range() refuses.
# scores: test-epochs 0
# %% epochs
EPOCHS = 10.0
