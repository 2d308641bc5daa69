"""Adapter: SQL; tables on one page, one repository a file."""
