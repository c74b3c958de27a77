"""Proof that the hidden tests can be trusted: mutants, right answers in other styles, margins."""
