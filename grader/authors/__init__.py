"""For those who write the tests of a course: exercises, the bank of answers, the proofs."""
