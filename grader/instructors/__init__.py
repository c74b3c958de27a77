"""For those who run a class: one room for each step, from collecting to the report."""
