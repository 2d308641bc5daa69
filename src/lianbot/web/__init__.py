"""Entrance by HTTP: callbacks, phone pages, health, console."""
