"""What happens: one file a flow, read top to bottom."""
