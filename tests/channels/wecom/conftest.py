"""One WeCom app, and the platform's side of its envelope written a second time, so that bugs are not shared."""

import base64
import hashlib
import os
import struct
import xml.etree.ElementTree as ElementTree
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from lianbot.channels.wecom import WeComAccount, WeComChannel
from lianbot.domain.messages import PlatformCall

CORP = "wx5823bf96d3bd56c7"
TOKEN = "QDG6eK"
AES_KEY = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
SECRET = "the-app-secret"


class Envelope:
    """Seals pushes and opens answers as WeCom does."""

    def __init__(self, clock: Any) -> None:
        self.clock = clock
        self.key = base64.b64decode(AES_KEY + "=")

    def _cipher(self) -> Any:
        return Cipher(algorithms.AES(self.key), modes.CBC(self.key[:16]))

    def encrypt_frame(self, frame: bytes) -> str:
        encryptor = self._cipher().encryptor()
        return base64.b64encode(encryptor.update(frame) + encryptor.finalize()).decode()

    def encrypt(self, text: str, corp: str = CORP) -> str:
        message = text.encode()
        frame = os.urandom(16) + struct.pack(">I", len(message)) + message + corp.encode()
        pad = 32 - len(frame) % 32
        return self.encrypt_frame(frame + bytes([pad]) * pad)

    def sign(self, *parts: str) -> str:
        joined = "".join(sorted((TOKEN, *parts)))
        return hashlib.sha1(joined.encode()).hexdigest()  # noqa: S324 - the platform's choice

    def query(self, encrypted: str, *, age: int = 0, nonce: str = "1372623149") -> dict[str, str]:
        timestamp = str(int(self.clock.now().timestamp()) - age)
        signature = self.sign(timestamp, nonce, encrypted)
        return {"msg_signature": signature, "timestamp": timestamp, "nonce": nonce}

    def push_cipher(self, encrypted: str, **how: Any) -> PlatformCall:
        body = (
            f"<xml><ToUserName><![CDATA[{CORP}]]></ToUserName>"
            f"<Encrypt><![CDATA[{encrypted}]]></Encrypt><AgentID><![CDATA[218]]></AgentID></xml>"
        )
        query = self.query(encrypted, **how)
        return PlatformCall(method="POST", query=query, body=body.encode())

    def push(self, xml: str, *, corp: str = CORP, **how: Any) -> PlatformCall:
        return self.push_cipher(self.encrypt(xml, corp), **how)

    def open(self, body: bytes) -> str:
        """Check and decrypt an answer of ours."""
        root = ElementTree.fromstring(body)  # noqa: S314 - our own answer
        leaves = {leaf.tag: leaf.text or "" for leaf in root}
        signed = self.sign(leaves["TimeStamp"], leaves["Nonce"], leaves["Encrypt"])
        assert leaves["MsgSignature"] == signed
        decryptor = self._cipher().decryptor()
        frame = decryptor.update(base64.b64decode(leaves["Encrypt"])) + decryptor.finalize()
        assert len(frame) % 32 == 0
        content = frame[16 : -frame[-1]]
        (length,) = struct.unpack(">I", content[:4])
        assert content[4 + length :].decode() == CORP
        return content[4 : 4 + length].decode()


@pytest.fixture
def envelope(clock: Any) -> Envelope:
    return Envelope(clock)


def an_account(api_base: str, **changes: Any) -> WeComAccount:
    settings: dict[str, Any] = {
        "corp_id": CORP,
        "agent_id": 218,
        "secret": SECRET,
        "token": TOKEN,
        "aes_key": AES_KEY,
        "api_base": api_base,
        **changes,
    }
    return WeComAccount(**settings)


@pytest.fixture
def make_account() -> Any:
    return an_account


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def channel(session: aiohttp.ClientSession, shelf: Any, clock: Any) -> WeComChannel:
    """For calls that never leave: its address is a port where nobody listens."""
    account = an_account("http://127.0.0.1:9/wecom")
    return WeComChannel(account, session=session, shelf=shelf, clock=clock)


@pytest.fixture
async def online(
    session: aiohttp.ClientSession, shelf: Any, clock: Any, platform: Any
) -> WeComChannel:
    """Joined to the platform on loopback, with short limits so that a hanging call ends soon."""
    account = an_account(platform.base, timeout=0.3, connect_timeout=0.2)
    return WeComChannel(account, session=session, shelf=shelf, clock=clock)
