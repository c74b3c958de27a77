"""Right answers in other styles, made by machine, which the tests must accept."""
