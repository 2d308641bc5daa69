"""Answers that are files: a spreadsheet or a bundle, written in a folder that is gone afterwards."""

import asyncio
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import quote

from aiohttp import web

from lianbot.ports.desk import SheetPage
from lianbot.web.console.parts import SheetTools

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ZIP = "application/zip"
PDF = "application/pdf"


def download(body: bytes, name: str, kind: str) -> web.Response:
    """The name is Chinese, so it goes in the form that all browsers read."""
    return web.Response(
        body=body,
        content_type=kind,
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"},
    )


async def sheet(tools: SheetTools, pages: Sequence[SheetPage]) -> bytes:
    return await written(lambda path: tools.write(path, pages))


async def written(write: Callable[[Path], None]) -> bytes:
    """What `write` put into the file it was given."""

    def run() -> bytes:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "sheet.xlsx"
            write(path)
            return path.read_bytes()

    return await asyncio.to_thread(run)
