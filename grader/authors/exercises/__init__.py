"""The files of an exercise: the form of its notebooks, the student release, derived tables."""
