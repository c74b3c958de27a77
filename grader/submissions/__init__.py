"""A student's work: which file, which cell, and the notebook that is run."""
