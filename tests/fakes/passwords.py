"""Passwords of accounts in tests."""

from argon2 import PasswordHasher

_quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def quick_hash(password: str) -> str:
    """As the house would keep it, but without the 64 MiB and the tenth of a second that are there against guessing.

    A check takes what the kept hash says, so every sign-in of a test is as quick.
    """
    return _quick.hash(password)
