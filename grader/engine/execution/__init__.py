"""Run one notebook with limits, and many of them with any executor."""
