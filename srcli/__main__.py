"""``python -m srcli`` and the installed command."""

from __future__ import annotations


def main() -> None:
    """Run the command line and leave with its exit code."""
    from srcli.cli.process import run_process

    raise SystemExit(run_process())


if __name__ == "__main__":
    main()
