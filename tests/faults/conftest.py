"""A whole house for every test that asks for it."""

from fakes.fixtures import prepared, staged

__all__ = ["prepared", "staged"]
