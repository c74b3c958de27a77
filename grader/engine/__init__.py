"""The grading engine: warm kernels, each in a sandbox, many submissions at a time."""
