"""The bank of answers: right and wrong answers to every exercise, and what grades them."""
