"""Grade a class: the commands behind ``course``, on top of nbgrader."""
