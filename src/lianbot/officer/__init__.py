"""The officer's offline tool: keys, open, reply, casework."""
