"""`python -m lianbot` and the installed command."""

import gc
import sys

APART = ("door", "officer")


def main() -> None:
    """The door's and the officer's processes load nothing that knows a name, so the choice comes before the imports."""
    wanted = sys.argv[1] if len(sys.argv) > 1 else None
    # what is imported stays: looking through it again and again for rubbish is a tenth of a start
    gc.disable()
    if wanted in APART:
        from lianbot.cli.apart import app
    else:
        from lianbot.cli.main import build

        app = build(wanted)
    gc.enable()
    app()


if __name__ == "__main__":
    main()
