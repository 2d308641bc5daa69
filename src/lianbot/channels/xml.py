"""Guards around the platforms' XML: size, DTD, depth on the way in; CDATA and forbidden characters on the way out."""

import re
from typing import Final
from xml.parsers import expat

from lianbot.ports.channel import MalformedCallError

BODY_LIMIT: Final = 256 * 1024
DEPTH_LIMIT: Final = 8
_FEW_TAGS: Final = 64
_LEAF_DEPTH: Final = 2

# what XML 1.0 cannot carry at all, CDATA or not; one of them would break the whole answer
_FORBIDDEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def read_flat(body: bytes) -> dict[str, str]:
    """The leaves right under the root of an untrusted envelope.

    Raises MalformedCallError on a body that is too large, is no XML, has a DTD or nests too deeply.
    Anybody can post here before a signature is looked at, so nothing is expanded and nothing grows.
    """
    if len(body) > BODY_LIMIT:
        raise MalformedCallError("body too large")
    leaves: dict[str, str] = {}
    path: list[str] = []
    pieces: list[str] = []

    def start(name: str, _attributes: object) -> None:
        path.append(name)
        if len(path) > DEPTH_LIMIT:
            raise MalformedCallError("nested too deeply")
        pieces.clear()

    def end(name: str) -> None:
        if len(path) == _LEAF_DEPTH:
            leaves[name] = "".join(pieces)
        path.pop()
        pieces.clear()

    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = pieces.append
    parser.StartDoctypeDeclHandler = _refuse_dtd
    try:
        parser.Parse(body, True)
    except expat.ExpatError as error:
        raise MalformedCallError("not XML") from error
    return leaves


def require_tame(text: str) -> None:
    """Refuse a decrypted message that a general XML parser should not be given.

    Two scans at C speed let every real message through; only an odd one is walked. The walk is needed
    because a worker may type `<!DOCTYPE` inside CDATA, which is no DTD.
    """
    if "<!DOCTYPE" in text or text.count("<") > _FEW_TAGS:
        read_flat(text.encode("utf-8", "surrogatepass"))


def _refuse_dtd(*_declaration: object) -> None:
    raise MalformedCallError("DTD")


def speakable(text: str) -> str:
    """Without the characters that XML forbids."""
    return _FORBIDDEN.sub("", text)


def cdata_safe(text: str) -> str:
    """Text that survives inside one CDATA section: forbidden characters out, `]]>` split over two sections."""
    return speakable(text).replace("]]>", "]]]]><![CDATA[>")
