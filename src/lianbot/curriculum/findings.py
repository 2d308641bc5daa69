"""What the checker reports: one place, one rule, what is wrong and the mend."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """An error fails the build and refuses the load; a warning is for the editor's eye."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing to mend. `file` is relative to the checked directory with `/`, `line` counts from 1."""

    file: str
    line: int
    rule: str
    message: str
    suggestion: str
    severity: Severity

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: [{self.rule}] {self.message} → {self.suggestion}"


class ContentError(ValueError):
    """Content that cannot be used; `findings` lists every error, and the text names each with its mend."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(str(finding) for finding in self.findings))


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """By file, line and rule, each once: the same content gives the same list on every machine."""
    return sorted(set(findings), key=lambda one: (one.file, one.line, one.rule, one.message))


def errors(findings: Iterable[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.severity is Severity.ERROR]
