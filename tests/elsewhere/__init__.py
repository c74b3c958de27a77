"""Courses that nobody here wrote, or that are configured otherwise."""
