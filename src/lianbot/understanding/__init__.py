"""Text to exactly one intent; pure."""
