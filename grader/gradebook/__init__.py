"""The gradebook: reads and writes nbgrader's tables, and the engine's own beside them."""
