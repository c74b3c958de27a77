"""What a notebook holds: its cells, hidden regions, and files that nobody vouches for."""
