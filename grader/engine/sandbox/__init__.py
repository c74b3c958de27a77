"""The sandbox on Linux: its walls, what watches it, and the test that tries to break out."""
