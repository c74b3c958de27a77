"""From an executed notebook to points, and to what a check reported."""
