"""Adapters to the platforms, one folder a kind with the same file names in each."""
