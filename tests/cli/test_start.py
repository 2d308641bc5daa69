"""What a start of `serve` does not wait for."""

import subprocess
import sys

LATER = {"reportlab", "segno", "alembic", "asyncpg"}
"""What is needed when somebody prints or enrols, upgrades, or has the other database."""


def test_a_start_loads_nothing_that_it_does_not_need_yet():
    code = "import sys, lianbot.cli.serve; print('\\n'.join(sys.modules))"
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    loaded = {name.partition(".")[0] for name in found.stdout.split()}
    assert "lianbot" in loaded
    assert loaded & LATER == set()
