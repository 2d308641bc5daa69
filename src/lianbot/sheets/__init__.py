"""ADAPTER: spreadsheets as people have them, read into tables and written without surprises."""
