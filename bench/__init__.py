"""Benchmarks: lianbot beside ceilings written with the same libraries, measured in the same run."""
