"""`python -m lianbot` and the installed command."""

import sys

APART = ("door", "officer")


def main() -> None:
    """The door's and the officer's processes load nothing that knows a name, so the choice comes before the imports."""
    wanted = sys.argv[1] if len(sys.argv) > 1 else None
    if wanted in APART:
        from lianbot.cli.apart import app
    else:
        from lianbot.cli.main import build

        app = build(wanted)
    app()


if __name__ == "__main__":
    main()
