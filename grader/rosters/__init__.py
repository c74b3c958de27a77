"""Who is who: student ids, and the lists of a class."""
