"""What every room may use: files, text, the terminal, errors. Nothing here knows a course."""
