"""What things are: standard library only, no I/O, no clock."""
