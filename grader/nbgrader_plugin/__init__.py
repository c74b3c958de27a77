"""What nbgrader calls, by nbgrader_config.py: the engine's steps, the formgrader, the rubric."""
