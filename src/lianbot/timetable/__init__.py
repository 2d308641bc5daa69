"""Adapter: cron syntax and the festival table."""
