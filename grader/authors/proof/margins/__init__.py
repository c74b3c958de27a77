"""How far right and wrong answers stay from the numerical thresholds of the tests."""
