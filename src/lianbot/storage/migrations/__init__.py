"""Alembic migrations, run inside our own connection."""
