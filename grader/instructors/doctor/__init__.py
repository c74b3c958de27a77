"""`course doctor`: whether all that the course needs is there and works, and what to do if not."""
