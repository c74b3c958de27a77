"""nbgrader used as a library, with the configuration of the course."""
