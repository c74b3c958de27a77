"""Answers that a person grades: grouped where they are nearly alike, shown, graded by the group."""
