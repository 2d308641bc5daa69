"""Envelope, receipt and file formats that the door, the officer's tool and their tests share."""
