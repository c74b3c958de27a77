"""The course directory: where things are, what it asks for, and what it is made from."""
