"""What people see: the course in a real JupyterLab, looked at with a real browser."""
