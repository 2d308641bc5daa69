"""Pages for phones: an item with its question, my record, and the lead's read-aloud page."""
