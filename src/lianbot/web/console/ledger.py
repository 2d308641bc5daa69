"""确认账: how long it is, the last checkpoint, and the bundle that an auditor verifies without us."""

import asyncio
import tempfile
import zipfile
from pathlib import Path

from aiohttp import web

from lianbot.domain.calendar import local
from lianbot.evidence.errors import EvidenceError
from lianbot.evidence.keys import fingerprint, grouped
from lianbot.evidence.verify_bundle import BundleError, Report
from lianbot.phrases import console as say
from lianbot.ports.desk import AuditRow
from lianbot.web.console.files import ZIP, download
from lianbot.web.console.parts import ConsoleParts
from lianbot.web.console.shell import Shell, to, visitor

SHOWN = 12


class LedgerPages:
    """What can be seen and done of the ledger here."""

    def __init__(self, parts: ConsoleParts, shell: Shell) -> None:
        self._parts = parts
        self._shell = shell
        # a bundle is written and verified whole: one at a time
        self._busy = asyncio.Lock()

    async def show(self, request: web.Request) -> web.StreamResponse:
        return await self._show(request)

    async def _show(
        self,
        request: web.Request,
        *,
        report: Report | None = None,
        fault: str = "",
        status: int = 200,
    ) -> web.Response:
        kept = await self._parts.ledger.checkpoints()
        size = await self._parts.reading.ledger_size()
        last = kept[-1] if kept else None
        signers = await self._parts.ledger.signers()
        return await self._shell.page(
            request,
            "ledger.html",
            status=status,
            size=size,
            origin=await self._parts.ledger.origin(),
            last=last,
            loose=size - (last.size if last else 0),
            kept=list(reversed(kept))[:SHOWN],
            fingerprint=grouped(fingerprint(signers[0][2])) if signers else "",
            report=report,
            fault=fault,
        )

    async def checkpoint(self, request: web.Request) -> web.StreamResponse:
        made = await self._parts.ledgering.checkpoint()
        if made is None:
            return to("/ledger", "no-checkpoint")
        await self._note(request, "ledger.checkpoint", {"size": made.size, "root": made.root})
        return to("/ledger", "checkpoint")

    async def export(self, request: web.Request) -> web.StreamResponse:
        """The bundle as one zip; written, verified and packed before the first byte leaves."""
        async with self._busy:
            with tempfile.TemporaryDirectory() as folder:
                bundle = Path(folder) / "evidence"
                try:
                    report = await self._parts.ledgering.export(bundle)
                except (EvidenceError, BundleError) as error:
                    return await self._broken(request, error)
                body = await asyncio.to_thread(zipped, bundle)
        await self._note(
            request, "ledger.exported", {"size": report.size, "root": report.root_b64}
        )
        day = f"{local(self._shell.now()):%Y%m%d}"
        return download(body, say.file_name("确认账", day, "zip"), ZIP)

    async def verify(self, request: web.Request) -> web.StreamResponse:
        """The same bundle, written and verified by the program that the auditor gets, and thrown away."""
        async with self._busy:
            with tempfile.TemporaryDirectory() as folder:
                try:
                    report = await self._parts.ledgering.export(Path(folder) / "evidence")
                except (EvidenceError, BundleError) as error:
                    return await self._broken(request, error)
        await self._note(
            request, "ledger.verified", {"size": report.size, "root": report.root_b64}
        )
        return await self._show(request, report=report)

    async def _broken(self, request: web.Request, error: Exception) -> web.Response:
        await self._note(request, "ledger.verified", {"fault": str(error)[:200]})
        return await self._show(request, fault=str(error), status=409)

    async def _note(self, request: web.Request, action: str, after: dict[str, object]) -> None:
        row = AuditRow(action=action, subject="确认账", after=after)
        await self._parts.audit.note(row, visitor(request).account.id, self._shell.now())


def zipped(folder: Path) -> bytes:
    """The folder as a zip with fixed times, so that the same bundle gives the same bytes."""
    with tempfile.TemporaryFile() as target:
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(folder.rglob("*")):
                if path.is_file():
                    entry = zipfile.ZipInfo(f"evidence/{path.relative_to(folder).as_posix()}")
                    entry.external_attr = 0o644 << 16
                    entry.compress_type = zipfile.ZIP_DEFLATED
                    archive.writestr(entry, path.read_bytes())
        target.seek(0)
        return target.read()
