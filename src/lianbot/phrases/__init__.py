"""Every text that a person reads and that is not content."""
