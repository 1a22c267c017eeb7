"""``python -m srcli`` and the installed command."""

from __future__ import annotations


def main() -> None:
    """Run the command line and leave with its exit code."""
    from srcli.cli.app import run

    raise SystemExit(run())


if __name__ == "__main__":
    main()
