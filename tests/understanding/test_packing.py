"""The shipped words through bytes and back; what is spoiled or foreign: tests/curriculum/test_kept.py."""

from lianbot.understanding import packing


def test_the_shipped_words_are_read_back_as_they_were(understanding):
    known = understanding.known
    key = bytes(packing.KEY_BYTES)
    assert packing.unpack(packing.pack(known, key), key) == known
