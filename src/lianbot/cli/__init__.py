"""The commands of design §9, one file a command."""
