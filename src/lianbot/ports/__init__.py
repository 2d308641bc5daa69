"""What flows ask of the world: small Protocols."""
