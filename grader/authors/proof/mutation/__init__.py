"""Mutation analysis: small changes of the solutions, which the tests must see."""
