"""Official Account mass sends (群发): quotas by user and account, duplicates, the guard, and the result that comes later."""

from __future__ import annotations

from collections.abc import Callable

from aiohttp import web

from lianbot.twin.accounts import AccountKind
from lianbot.twin.answers import RefusedError, done, json_body
from lianbot.twin.memory import MassJob
from lianbot.twin.official_send import checked_part
from lianbot.twin.phones import Channel, Content, Phone, Side
from lianbot.twin.world import World, as_object, day_of

# Told the job once its result is due.
Report = Callable[[MassJob], None]

A_MONTH = 4
"""A user of a service account receives at most four in a calendar month, console and API together [S48]."""
_A_MINUTE = 60
_LONGEST_ID = 32
_RETRY_AFTER = 60.0
_GUARD_SECONDS = 1800.0
_KINDS = frozenset({"text", "image", "voice"})


class MassSend:
    """`message/mass/…` [S48][S49][S15b]."""

    def __init__(self, world: World, report: Report) -> None:
        self.world = world
        self.report = report
        self._minute: tuple[int, int] = (0, 0)

    async def to_filter(self, request: web.Request) -> web.Response:
        """POST mass/sendall: everybody or one tag."""
        body = await self._body(request)
        chosen = as_object(body.get("filter"))
        to_all = chosen.get("is_to_all") is True
        followers = [each for each in self.world.phones.values() if each.followed]
        if to_all:
            return self._accept(body, followers, to_all=True)
        tag = chosen.get("tag_id")
        if not isinstance(tag, int) or str(tag) not in self.world.official.tags:
            raise RefusedError(45159, "invalid tag id")
        return self._accept(body, [each for each in followers if tag in each.tags], to_all=False)

    async def to_openids(self, request: web.Request) -> web.Response:
        """POST mass/send: service accounts only, two openids at least (UNCONFIRMED code) [S49]."""
        body = await self._body(request)
        if self.world.official.kind is not AccountKind.SERVICE_VERIFIED:
            raise RefusedError(48001, "api unauthorized")
        openids = body.get("touser")
        least = self.world.switches.mass_least_openids
        if not isinstance(openids, list) or len(openids) < least:
            raise RefusedError(
                self.world.switches.mass_few_openids_errcode, f"at least {least} openids"
            )
        known = [self.world.by_openid.get(str(each)) for each in openids]
        phones = [each for each in known if each is not None and each.followed]
        return self._accept(body, phones, to_all=False, asked=len(openids))

    async def preview(self, request: web.Request) -> web.Response:
        """POST mass/preview: one person sees it, no quota is used [S48]."""
        body = await self._body(request)
        phone = self.world.by_openid.get(str(body.get("touser", "")))
        if phone is None:
            raise RefusedError(40003, "invalid openid")
        kind, content = self._content(body)
        msg_id = self.world.next_serial()
        self._show(phone, kind, content, msg_id)
        return done(msg_id=msg_id)

    async def get(self, request: web.Request) -> web.Response:
        """POST mass/get: where a job is."""
        body = await self._body(request)
        job = self.world.mass.jobs.get(_number(body.get("msg_id")))
        if job is None:
            raise RefusedError(40035, "invalid msg_id")
        self._expire(job)
        return done(msg_id=job.msg_id, msg_status=job.status)

    # a job ---------------------------------------------------------------------------------

    def _accept(
        self, body: Content, phones: list[Phone], *, to_all: bool, asked: int | None = None
    ) -> web.Response:
        """errcode 0 says only that the job was taken [S48]."""
        self._count_minute()
        _, content = self._content(body)
        name = str(body.get("clientmsgid") or "")
        self._refuse_repeat(name)
        self._check_account_quota(to_all=to_all)
        job = MassJob(
            msg_id=3_147_000_000 + self.world.next_serial(),
            content=content,
            phones=[each.id for each in phones],
            to_all=to_all,
            asked_at=self.world.clock.now(),
            total=len(phones) if asked is None else asked,
        )
        self.world.mass.jobs[job.msg_id] = job
        if name:
            self.world.mass.named[name] = (job.asked_at, job.msg_id)
        if to_all and self.world.switches.mass_guard:
            job.status = "WAITING"
        else:
            self._run(job)
        return done(msg_id=job.msg_id, msg_data_id=job.msg_id + 1)

    def confirm(self, msg_id: int) -> MassJob:
        """An administrator confirms a guarded job; after 30 minutes it has failed [S48]."""
        job = self.world.mass.jobs.get(msg_id)
        if job is None or job.status != "WAITING":
            raise LookupError(f"no mass send {msg_id} waits for an administrator")
        self._expire(job)
        if job.status == "WAITING":
            self._run(job)
        return job

    def _expire(self, job: MassJob) -> None:
        waited = self.world.clock.now() - job.asked_at
        if job.status == "WAITING" and waited > _GUARD_SECONDS:
            job.status, job.errors = "SEND_FAIL", job.total
            self.report(job)

    def _run(self, job: MassJob) -> None:
        month = self.world.clock.local().strftime("%Y-%m")
        service = self.world.official.kind is AccountKind.SERVICE_VERIFIED
        kind = str(job.content["msgtype"])
        left = [self.world.phones[each] for each in job.phones if each in self.world.phones]
        # skipped for each user, no error of the API [S48]
        due = [each for each in left if not service or each.masses.get(month, 0) < A_MONTH]
        job.filtered = len(due)
        for phone in due:
            if phone.messages_off:
                job.errors += 1
                continue
            phone.masses[month] = phone.masses.get(month, 0) + 1
            self._show(phone, kind, job.content, job.msg_id)
            job.sent += 1
        job.status = "SEND_SUCCESS"
        book = self.world.mass
        day = day_of(self.world.clock.now())
        book.days[day] = book.days.get(day, 0) + 1
        if job.to_all:
            book.months[month] = book.months.get(month, 0) + 1
        self.report(job)

    def _refuse_repeat(self, name: str) -> None:
        """45067 too long, 45066 within a minute, 45065 with the id of the first one [S15b][S44]."""
        if len(name.encode()) > _LONGEST_ID:
            raise RefusedError(45067, "clientmsgid size out of limit")
        known = self.world.mass.named.get(name) if name else None
        if known is None:
            return
        age = self.world.clock.now() - known[0]
        if age < _RETRY_AFTER:
            raise RefusedError(45066, "same clientmsgid retry too fast")
        if age < self.world.switches.mass_duplicate_hours * 3600:
            raise RefusedError(45065, "clientmsgid exist", msg_id=known[1])

    def _check_account_quota(self, *, to_all: bool) -> None:
        """A subscription account has one a day; a service account four a month to everybody [S48][S50]."""
        book, now = self.world.mass, self.world.clock.now()
        if self.world.official.kind is not AccountKind.SERVICE_VERIFIED:
            used, allowed = book.days.get(day_of(now), 0), 1
        elif to_all:
            used = book.months.get(self.world.clock.local().strftime("%Y-%m"), 0)
            allowed = A_MONTH
        else:
            return
        if used >= allowed:
            raise RefusedError(45028, "has no masssend quota")

    def _count_minute(self) -> None:
        minute = int(self.world.clock.now() // 60)
        used = self._minute[1] if self._minute[0] == minute else 0
        if used >= _A_MINUTE:
            raise RefusedError(45011, "api minute-quota reach limit")  # 60 a minute [S48]
        self._minute = (minute, used + 1)

    def _content(self, body: Content) -> tuple[str, Content]:
        kind = str(body.get("msgtype", ""))
        if kind not in _KINDS:
            # mpnews needs a draft, and drafts are not played here
            raise RefusedError(40008, "invalid message type")
        return kind, {"msgtype": kind, kind: checked_part(kind, body, self.world)}

    def _show(self, phone: Phone, kind: str, content: Content, msg_id: int) -> None:
        self.world.show(
            phone, Channel.OFFICIAL, Side.APP, kind, content, msgid=str(msg_id), by_api=True
        )

    async def _body(self, request: web.Request) -> Content:
        refused = self.world.switches.official_refuses_escapes
        return await json_body(request, 47001, escapes_refused=refused)


def _number(value: object) -> int:
    text = str(value)
    return int(text) if text.isdecimal() and len(text) < 20 else 0
