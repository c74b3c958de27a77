"""Grade work as it arrives: `course watch`."""
