"""Envelope and receipt formats shared by door, officer and tests."""
