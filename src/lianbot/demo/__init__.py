"""The seeded school, the simulated workers and the tour."""
