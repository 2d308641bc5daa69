"""Console accounts and their server-side sessions."""

import hashlib
import secrets
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from lianbot.domain.errors import InvalidInputError, NotFoundError
from lianbot.domain.people import Account, Role
from lianbot.ports.desk import AccountSeen, AuditRow
from lianbot.ports.desk import Credentials as Credentials
from lianbot.ports.desk import Session as Session
from lianbot.storage.audit import write_audit
from lianbot.storage.columns import AnyRow
from lianbot.storage.database import Database
from lianbot.storage.tables import accounts, sessions, workers


class AccountStore:
    """Accounts by name, and sessions by the hash of their token."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(
        self, account: Account, password_hash: str, by: UUID | None, now: datetime
    ) -> Account:
        """Raises InvalidInputError when the name is taken."""
        try:
            async with self._database.write() as connection:
                await connection.execute(
                    insert(accounts).values(
                        id=account.id,
                        name=account.name,
                        display=account.display,
                        roles=sorted(account.roles),
                        team_id=account.team_id,
                        contractor_id=account.contractor_id,
                        password_hash=password_hash,
                        salt=secrets.token_bytes(32),
                        created_at=now,
                    )
                )
                row = AuditRow(
                    action="account.added",
                    subject=account.name,
                    after={"roles": sorted(account.roles)},
                )
                await write_audit(connection, [row], by, now)
        except IntegrityError as error:
            raise InvalidInputError(f"账号 {account.name}", "名字已有人用，请换一个") from error
        return account

    async def credentials(self, name: str) -> Credentials | None:
        async with self._database.read() as connection:
            row = (
                await connection.execute(select(accounts).where(accounts.c.name == name))
            ).first()
        if row is None:
            return None
        return Credentials(
            account=account_of(row),
            password_hash=row.password_hash,
            totp_secret=row.totp_secret,
            totp_last_step=row.totp_last_step,
            failures=row.failures,
            locked_until=row.locked_until,
            disabled=row.disabled,
        )

    async def by_name(self, name: str) -> Account:
        """Raises NotFoundError."""
        found = await self.credentials(name)
        if found is None or found.disabled:
            raise NotFoundError(f"没有账号 {name}，或已停用")
        return found.account

    async def all(self) -> list[Account]:
        async with self._database.read() as connection:
            rows = await connection.execute(
                select(accounts).where(accounts.c.disabled.is_(False)).order_by(accounts.c.name)
            )
            return [account_of(row) for row in rows]

    async def failed(self, account_id: UUID, failures: int, locked_until: datetime | None) -> None:
        async with self._database.write() as connection:
            await connection.execute(
                update(accounts)
                .where(accounts.c.id == account_id)
                .values(failures=failures, locked_until=locked_until)
            )

    async def set_password(self, account_id: UUID, password_hash: str) -> None:
        """A new password ends every session of the account."""
        async with self._database.write() as connection:
            await _new_password(connection, account_id, password_hash)

    async def change_password(
        self, account_id: UUID, password_hash: str, by: UUID, now: datetime
    ) -> None:
        """The same with its audit row."""
        async with self._database.write() as connection:
            name = await _name(connection, account_id)
            await _new_password(connection, account_id, password_hash)
            row = AuditRow(action="account.password", subject=name)
            await write_audit(connection, [row], by, now)

    async def enrol_totp(self, account_id: UUID, secret: str | None) -> None:
        async with self._database.write() as connection:
            await _new_secret(connection, account_id, secret)

    async def change_totp(
        self, account_id: UUID, secret: str | None, by: UUID, now: datetime
    ) -> None:
        """The same with its audit row; None takes the second factor away."""
        async with self._database.write() as connection:
            name = await _name(connection, account_id)
            await _new_secret(connection, account_id, secret)
            row = AuditRow(action="account.totp", subject=name, after={"on": secret is not None})
            await write_audit(connection, [row], by, now)

    async def disable(self, account_id: UUID, disabled: bool, by: UUID, now: datetime) -> None:
        """A disabled account loses its sessions at once."""
        async with self._database.write() as connection:
            name = await _name(connection, account_id)
            await connection.execute(
                update(accounts).where(accounts.c.id == account_id).values(disabled=disabled)
            )
            await connection.execute(delete(sessions).where(sessions.c.account_id == account_id))
            row = AuditRow(action="account.disabled", subject=name, after={"disabled": disabled})
            await write_audit(connection, [row], by, now)

    async def get(self, account_id: UUID) -> AccountSeen:
        """Raises NotFoundError."""
        async with self._database.read() as connection:
            row = (await connection.execute(_PEOPLE.where(accounts.c.id == account_id))).first()
        if row is None:
            raise NotFoundError("没有这个账号")
        return _seen(row)

    async def everyone(self) -> list[AccountSeen]:
        """Disabled ones included, by name."""
        async with self._database.read() as connection:
            rows = await connection.execute(_PEOPLE.order_by(accounts.c.name))
            return [_seen(row) for row in rows]

    async def of_worker(self, worker_id: UUID) -> list[Account]:
        async with self._database.read() as connection:
            rows = await connection.execute(
                select(accounts)
                .where(accounts.c.worker_id == worker_id, accounts.c.disabled.is_(False))
                .order_by(accounts.c.name)
            )
            return [account_of(row) for row in rows]

    async def name_person(self, account_id: UUID, number: str, by: UUID, now: datetime) -> None:
        async with self._database.write() as connection:
            worker_id: UUID | None = None
            if number:
                wanted = select(workers.c.id).where(
                    workers.c.number == number, workers.c.ended.is_(None)
                )
                worker_id = (await connection.execute(wanted)).scalar_one_or_none()
                if worker_id is None:
                    raise InvalidInputError("工号", f"花名册里没有在职的 {number[:40]}")
            name = await _name(connection, account_id)
            await connection.execute(
                update(accounts).where(accounts.c.id == account_id).values(worker_id=worker_id)
            )
            row = AuditRow(action="account.person", subject=name, after={"number": number})
            await write_audit(connection, [row], by, now)

    async def use_totp_step(self, account_id: UUID, step: int) -> bool:
        """False when that step, or a later one, was used before: a code works once."""
        async with self._database.write() as connection:
            done = await connection.execute(
                update(accounts)
                .where(
                    accounts.c.id == account_id,
                    (accounts.c.totp_last_step.is_(None)) | (accounts.c.totp_last_step < step),
                )
                .values(totp_last_step=step)
            )
            return done.rowcount == 1

    async def open_session(self, account: Account, now: datetime, lifetime: timedelta) -> str:
        """A fresh random token; only its hash is kept."""
        token = secrets.token_urlsafe(32)
        async with self._database.write() as connection:
            await connection.execute(delete(sessions).where(sessions.c.expires_at < now))
            await connection.execute(
                update(accounts)
                .where(accounts.c.id == account.id)
                .values(failures=0, locked_until=None)
            )
            await connection.execute(
                insert(sessions).values(
                    token_hash=_hash(token),
                    account_id=account.id,
                    csrf=secrets.token_urlsafe(24),
                    created_at=now,
                    expires_at=now + lifetime,
                )
            )
        return token

    async def session(self, token: str, now: datetime) -> Session | None:
        async with self._database.read() as connection:
            row = (
                await connection.execute(
                    select(accounts, sessions.c.csrf, sessions.c.expires_at)
                    .join(sessions, sessions.c.account_id == accounts.c.id)
                    .where(
                        sessions.c.token_hash == _hash(token),
                        sessions.c.expires_at > now,
                        accounts.c.disabled.is_(False),
                    )
                )
            ).first()
        if row is None:
            return None
        return Session(
            account=account_of(row),
            csrf=row.csrf,
            expires_at=row.expires_at,
            totp=row.totp_secret is not None,
        )

    async def close_session(self, token: str) -> None:
        async with self._database.write() as connection:
            await connection.execute(delete(sessions).where(sessions.c.token_hash == _hash(token)))


async def _name(connection: AsyncConnection, account_id: UUID) -> str:
    found = await connection.execute(select(accounts.c.name).where(accounts.c.id == account_id))
    name: str | None = found.scalar_one_or_none()
    if name is None:
        raise NotFoundError("没有这个账号")
    return name


async def _new_password(connection: AsyncConnection, account_id: UUID, password_hash: str) -> None:
    await connection.execute(
        update(accounts)
        .where(accounts.c.id == account_id)
        .values(password_hash=password_hash, failures=0, locked_until=None)
    )
    await connection.execute(delete(sessions).where(sessions.c.account_id == account_id))


async def _new_secret(connection: AsyncConnection, account_id: UUID, secret: str | None) -> None:
    await connection.execute(
        update(accounts)
        .where(accounts.c.id == account_id)
        .values(totp_secret=secret, totp_last_step=None)
    )


_PEOPLE = select(accounts, workers.c.number).outerjoin(
    workers, workers.c.id == accounts.c.worker_id
)


def _seen(row: AnyRow) -> AccountSeen:
    return AccountSeen(
        account=account_of(row),
        created_at=row.created_at,
        disabled=row.disabled,
        totp=row.totp_secret is not None,
        locked_until=row.locked_until,
        number=row.number or "",
    )


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def account_of(row: AnyRow) -> Account:
    return Account(
        id=row.id,
        name=row.name,
        display=row.display,
        roles=frozenset(Role(name) for name in row.roles),
        team_id=row.team_id,
        contractor_id=row.contractor_id,
    )


def new_account(name: str, display: str, roles: frozenset[Role]) -> Account:
    return Account(id=uuid4(), name=name, display=display, roles=roles)
