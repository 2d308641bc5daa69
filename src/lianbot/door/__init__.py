"""Entrance for concerns: own process, own files; never meets a name."""
