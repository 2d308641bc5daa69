"""The demo's settings and its fresh database, the same for the head-less run and the one in the browser."""

import secrets
import socket
from pathlib import Path

from pydantic import SecretStr

from lianbot.demo import phones
from lianbot.settings import Settings, load_settings
from lianbot.storage import installation
from lianbot.storage.database import open_database
from lianbot.storage.schema import upgrade
from lianbot.timetable.clocks import open_clock


def demo_settings(
    folder: Path,
    *,
    base: str,
    port: int,
    wecom_base: str,
    official_base: str,
    frame: str = "",
    clock: str,
    door_url: str = "",
) -> Settings:
    """Everything inside `folder`, on this machine only; of the person's own settings only the content folder counts."""
    return Settings.model_validate(
        {
            "database_url": database_url(folder),
            "data_dir": folder,
            "door_dir": folder / "door",
            "door_public_url": door_url,
            "content_dir": load_settings().content_dir,
            "http_port": port,
            "public_url": base,
            "secret_key": SecretStr(secrets.token_urlsafe(48)),
            "clock": clock,
            "tick_seconds": 1.0,
            # a few at a time, so that a person can watch a push and pull the plug in its middle
            "send_width": 8,
            "demo": True,
            "frame_ancestors": frame,
            "wecom_corp_id": phones.CORP,
            "wecom_agent_id": phones.AGENT,
            "wecom_secret": SecretStr(phones.SECRET),
            "wecom_token": SecretStr(phones.TOKEN),
            "wecom_aes_key": SecretStr(phones.AES_KEY),
            "wecom_api_base": wecom_base,
            "official_appid": phones.APPID,
            "official_secret": SecretStr(phones.OFFICIAL_SECRET),
            "official_token": SecretStr(phones.OFFICIAL_TOKEN),
            "official_aes_key": SecretStr(phones.OFFICIAL_AES_KEY),
            "official_api_base": official_base,
            "official_template_id": phones.TEMPLATE_ID,
            "official_template_fields": phones.TEMPLATE_FIELDS,
        }
    )


async def create_database(folder: Path, clock: str) -> str:
    """An upgraded database with its identity; gives the ledger's origin, which the door's officers sign for."""
    database = open_database(database_url(folder))
    try:
        await upgrade(database)
        return await installation.establish(database, open_clock(clock).now())
    finally:
        await database.close()


def database_url(folder: Path) -> str:
    return f"sqlite:///{folder / 'lianbot.db'}"


def listening_socket(host: str = "127.0.0.1", port: int = 0) -> socket.socket:
    """Bound before anything else, so that everybody can be told the address. Raises OSError when busy."""
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.bind((host, port))
    return bound
