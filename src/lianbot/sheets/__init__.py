"""Adapter: spreadsheets as people have them, read and written."""
