"""Adapter to paper: PDF sheets that an office printer and a copy shop print alike."""
