"""The door's own settings: four names, a socket and the clock; no database, no platform secret."""

from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class DoorSettingsError(ValueError):
    """A setting is wrong; the message names it and the mend."""


class DoorSettings(BaseSettings):
    """Read from LIANBOT_DOOR_… alone: this process must not be able to read lianbot.toml's secrets."""

    model_config = SettingsConfigDict(
        env_prefix="LIANBOT_DOOR_", frozen=True, extra="ignore", populate_by_name=True
    )

    dir: Path = Field(
        default=Path("var/door"), description="folder of the spool, the store, in/ and out/"
    )
    host: str = Field(default="127.0.0.1", description="address to listen on")
    port: Annotated[int, Field(ge=0, le=65535)] = Field(
        default=8790, description="0 takes a free port"
    )
    public_url: str = Field(default="", description="address of the front page, ending in /m/")
    socket: Path | None = Field(
        default=None, description="unix socket behind the proxy instead of a port"
    )
    clock: str = Field(
        default="system",
        validation_alias="LIANBOT_CLOCK",
        description="system, or file:PATH (an offset)",
    )

    @field_validator("public_url")
    @classmethod
    def _is_the_front_page(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and (parts.scheme not in {"http", "https"} or not parts.netloc):
            raise ValueError("must be the full address of the front page, https://HOST/m/")
        if value and parts.path != "/m/":
            raise ValueError("the path must be exactly /m/")
        return value

    @model_validator(mode="after")
    def _socket_needs_an_address(self) -> "DoorSettings":
        if self.socket is not None and not self.public_url:
            raise ValueError("LIANBOT_DOOR_PUBLIC_URL must be set when LIANBOT_DOOR_SOCKET is")
        return self


def read_settings() -> DoorSettings:
    """The settings of this process; DoorSettingsError names what is wrong."""
    try:
        return DoorSettings()
    except ValidationError as bad:
        first = bad.errors()[0]
        field = str(first["loc"][0]) if first["loc"] else "socket"
        name = field if field == "LIANBOT_CLOCK" else f"LIANBOT_DOOR_{field.upper()}"
        raise DoorSettingsError(f"{name}: {first['msg']}") from bad
