"""The class report: what a graded class shows about its students, its tests and its code."""
