"""Kernels: forked from a warm process, and reached by jupyter_client."""
