"""`python -m lianbot` and the installed command."""

import sys

APART = ("door", "officer")


def main() -> None:
    """The door's and the officer's processes load nothing that knows a name, so the choice comes before the imports."""
    if len(sys.argv) > 1 and sys.argv[1] in APART:
        from lianbot.cli.apart import app
    else:
        from lianbot.cli.main import app
    app()


if __name__ == "__main__":
    main()
