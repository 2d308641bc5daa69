"""How many right guesses are still luck."""

import math


def binomial_bound(tried: int, probability: float, sure: float = 0.99) -> int:
    """With probability `sure` guessing blindly is right no more often than this."""
    total, right = 0.0, -1
    while total < sure:
        right += 1
        total += (
            math.comb(tried, right) * probability**right * (1 - probability) ** (tried - right)
        )
    return right
