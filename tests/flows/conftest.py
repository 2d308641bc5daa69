"""A whole house for flows that are best seen over a real database."""

from fakes.fixtures import prepared, staged

__all__ = ["prepared", "staged"]
