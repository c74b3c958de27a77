"""The gradebook: the one room that knows nbgrader's tables."""
