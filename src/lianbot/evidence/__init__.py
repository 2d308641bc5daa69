"""The acknowledgement ledger's bytes: entries, tree, checkpoints, bundle and its verifier; no clock, no database."""
