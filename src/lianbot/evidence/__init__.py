"""The acknowledgement ledger: tree, checkpoints, bundle, verifier; pure."""
