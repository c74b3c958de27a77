"""Catalogues are made and checked here: which texts there are, and what a translation lacks."""
