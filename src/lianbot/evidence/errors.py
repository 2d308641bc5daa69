"""The one error of this package for bytes or values that the ledger's format forbids."""


class EvidenceError(ValueError):
    """Something is not of the form of the evidence page; the message names the field and the mend."""
