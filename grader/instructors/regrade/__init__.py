"""Grade again after a test was mended: first show what changes, then write it."""
