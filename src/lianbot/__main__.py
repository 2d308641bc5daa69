"""`python -m lianbot` and the installed command."""

from lianbot.cli.main import app


def main() -> None:
    app()


if __name__ == "__main__":
    main()
