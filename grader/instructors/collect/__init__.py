"""Bring submissions from where students handed them in to where they are graded."""
