"""Counters for /metrics: kinds and counts, never who."""

from prometheus_client import Counter

CALLBACKS = Counter("lianbot_callbacks", "Platform pushes by kind", ["channel", "kind"])
