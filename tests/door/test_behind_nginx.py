"""The shipped proxy files under a real nginx: what reaches the door, what is written down, what stays on disk."""

import asyncio
import contextlib
import datetime
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from shutil import which
from typing import Any

import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from lianbot.door.app import Door, QuietRunner, make_app
from lianbot.door.keeper import EXCHANGE
from lianbot.door.page import BUILT, Page, load_assets
from lianbot.sealing.reporter import Reporter

DEPLOY = Path(__file__).parents[2] / "deploy"
NGINX = which("nginx") or "/usr/sbin/nginx"
HOST = "lianbot.example.edu.cn"
MARKS = {
    "User-Agent": "MicroMessenger/8.0.50 HUAWEI-LYA-AL00",
    "Cookie": "who=wang-fang",
    "Referer": "https://example.edu.cn/wang-fang",
    "X-Forwarded-For": "10.20.30.40",
    "X-Real-IP": "10.20.30.41",
    "Accept-Language": "ii-CN",
}
pytestmark = [
    pytest.mark.skipif(not Path(NGINX).exists(), reason="needs Debian's nginx-light"),
    pytest.mark.skipif(not (BUILT / "door.js").exists(), reason="page not built"),
]


@dataclass(kw_only=True)
class Proxy:
    """A running nginx with the two shipped files; only paths, port and certificate are the test's."""

    folder: Path
    port: int

    @property
    def socket(self) -> Path:
        return self.folder / "door.sock"

    def ask(
        self, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, bytes, dict[str, str]]:
        trust = ssl.create_default_context(cafile=str(self.folder / "tls.crt"))
        trust.check_hostname = False
        request = urllib.request.Request(
            f"https://127.0.0.1:{self.port}{path}", data=body, headers=headers or {}
        )
        request.add_unredirected_header("Host", HOST)
        try:
            with urllib.request.urlopen(request, context=trust) as got:  # noqa: S310 - likewise
                return got.status, got.read(), dict(got.headers)
        except urllib.error.HTTPError as error:
            return error.code, error.read(), dict(error.headers)

    def written(self) -> str:
        """Everything nginx wrote about requests, whatever the file."""
        files = [one for one in (self.folder / "log").rglob("*") if one.is_file()]
        return "".join(one.read_text() for one in files)


def _certificate(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    day = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(day - datetime.timedelta(days=1))
        .not_valid_after(day + datetime.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "tls.crt").write_bytes(made.public_bytes(pem))
    (folder / "tls.key").write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )


def _moved(text: str, folder: Path, port: int) -> str:
    """The shipped text with this test's paths; a name that is gone from the file fails here."""
    for old, new in {
        "listen 443 ssl;": f"listen 127.0.0.1:{port} ssl;",
        "/etc/lianbot/tls.crt": str(folder / "tls.crt"),
        "/etc/lianbot/tls.key": str(folder / "tls.key"),
        "/etc/nginx/nginx-door.conf": str(folder / "nginx-door.conf"),
        "unix:/run/lianbot-door/door.sock": f"unix:{folder / 'door.sock'}",
        "/dev/shm/door-body": str(folder / "body"),
    }.items():
        text = text.replace(old, new)
    assert "/etc/" not in text and "/run/" not in text and "/dev/shm" not in text
    return text


def _configuration(folder: Path, port: int) -> Path:
    # a talkative server around the shipped files: what they do not silence would be written
    (folder / "log").mkdir()
    (folder / "nginx-door.conf").write_text(
        _moved((DEPLOY / "nginx-door.conf").read_text(), folder, port)
    )
    inside = _moved((DEPLOY / "nginx-lianbot.conf").read_text(), folder, port)
    temporary = "\n".join(
        f"{kind}_temp_path {folder}/tmp-{kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;" if os.geteuid() == 0 else ""
    whole = folder / "nginx.conf"
    whole.write_text(
        f"daemon off; {user} pid {folder}/pid; error_log {folder}/log/error.log warn;\n"
        "events { worker_connections 64; }\n"
        f"http {{ access_log {folder}/log/access.log;\n{temporary}\n{inside}\n}}\n"
    )
    return whole


def _free_port() -> int:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return int(bound.getsockname()[1])


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    # a unix socket's path holds 107 bytes: the test's own folder is too deep for it
    folder = Path(tempfile.mkdtemp(prefix="door"))
    _certificate(folder)
    port = _free_port()
    whole = _configuration(folder, port)
    start = [NGINX, "-e", str(folder / "log" / "error.log"), "-c", str(whole)]
    checked = subprocess.run([*start, "-t"], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    with subprocess.Popen(start, stderr=subprocess.PIPE) as process:
        for _ in range(500):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            assert process.poll() is None, process.stderr.read() if process.stderr else ""
            time.sleep(0.01)
        yield Proxy(folder=folder, port=port)
        process.send_signal(signal.SIGQUIT)
    shutil.rmtree(folder)


@contextlib.asynccontextmanager
async def door_at(proxy: Proxy, school: Any) -> AsyncIterator[None]:
    """The real application on the socket, as the unit starts it."""
    page = Page(assets=load_assets(), folder=school.folder, origin=f"https://{HOST}")
    runner = QuietRunner(make_app(Door(keeper=school.open(), page=page)))
    await runner.setup()
    try:
        await web.UnixSite(runner, str(proxy.socket)).start()
        yield
    finally:
        await runner.cleanup()


@contextlib.asynccontextmanager
async def listener_at(proxy: Proxy) -> AsyncIterator[list[bytes]]:
    """Takes down every byte that the proxy passes on, and answers as briefly as HTTP allows."""
    heard: list[bytes] = []

    async def hear(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        heard.append(head)
        length = re.search(rb"(?i)content-length: (\d+)", head)
        heard.append(await reader.readexactly(int(length[1]) if length else 0))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
        await writer.drain()
        writer.close()

    async with await asyncio.start_unix_server(hear, str(proxy.socket)):
        yield heard


@pytest.mark.parametrize(
    ("path", "body"), [("/m/", None), ("/c/b", None), ("/c/x?s=" + "0" * 32, bytes(EXCHANGE))]
)
async def test_nothing_of_the_visitor_reaches_the_door(
    proxy: Proxy, path: str, body: bytes | None
) -> None:
    async with listener_at(proxy) as heard:
        status, answer, _ = await asyncio.to_thread(proxy.ask, path, body, MARKS)
    assert (status, answer) == (200, b"ok")
    head = heard[0].lower()
    assert head.startswith(b"post /c/x?s=000" if body else b"get " + path.encode())
    for name, value in MARKS.items():
        assert value.encode().lower() not in head
        assert b"\r\n" + name.lower().encode() + b":" not in head
    assert b"127.0.0.1" not in head
    assert heard[1] == (body or b"")


async def test_a_letter_goes_through_and_nothing_is_written_about_it(
    proxy: Proxy, school: Any
) -> None:
    sizes: set[int] = set()

    def post(path: str, body: bytes) -> bytes:
        status, answer, headers = proxy.ask(path, body, MARKS)
        assert status == 200
        assert headers.keys().isdisjoint({"Set-Cookie", "ETag", "Last-Modified"})
        sizes.add(len(answer))
        return answer

    async with door_at(proxy, school):
        reporter = Reporter(recipients=school.recipients, day=school.now.date(), post=post)
        await asyncio.to_thread(reporter.file, "后门有人搬东西")
        status, page, _ = await asyncio.to_thread(proxy.ask, "/m/", None, MARKS)
    assert (status, len(sizes)) == (200, 1)
    assert "学习与服务".encode() in page
    assert proxy.written() == ""
    assert [
        one for one in proxy.folder.glob("*/**/*") if one.is_file() and "log" not in one.parts
    ] == []


async def test_what_goes_wrong_is_not_written_down_either(proxy: Proxy, school: Any) -> None:
    """No door behind the socket, a body too large, a broken stamp, a page that is not there."""
    away = await asyncio.to_thread(proxy.ask, "/c/x", bytes(EXCHANGE), MARKS)
    async with door_at(proxy, school):
        large = await asyncio.to_thread(proxy.ask, "/c/m", bytes(1_200_000), MARKS)
        strange = await asyncio.to_thread(proxy.ask, "/c/x?s=wang", b"short", MARKS)
        nowhere = await asyncio.to_thread(proxy.ask, "/c/wang-fang", None, MARKS)
    assert (away[0], large[0]) == (502, 413)
    assert strange[:2] == nowhere[:2]
    assert proxy.written() == ""


async def test_a_page_beside_the_door_is_passed_to_the_house_without_a_line(proxy: Proxy) -> None:
    """Nothing listens for the house here: the proxy says so to the visitor, and to no file."""
    for path in ("/m/i/0123", "/console/", "/wechat/wecom?msg_signature=1"):
        status, _, _ = await asyncio.to_thread(proxy.ask, path, None, MARKS)
        assert status == 502
    assert (await asyncio.to_thread(proxy.ask, "/metrics"))[0] == 404
    assert "/m/" not in proxy.written()


def test_a_proxy_that_is_not_told_to_be_silent_would_write_who_came(proxy: Proxy) -> None:
    """The server around the shipped files is talkative: without their lines the address is written."""
    spoken = (proxy.folder / "nginx-door.conf").read_text()
    for silent in ("access_log off;", "error_log /dev/null crit;"):
        assert silent in spoken
        spoken = spoken.replace(silent, "")
    (proxy.folder / "nginx-door.conf").write_text(spoken)
    pid = int((proxy.folder / "pid").read_text())
    os.kill(pid, signal.SIGHUP)
    for _ in range(500):
        proxy.ask("/c/x", b"x", MARKS)
        if MARKS["User-Agent"] in proxy.written():
            break
        time.sleep(0.01)
    assert MARKS["User-Agent"] in proxy.written()
