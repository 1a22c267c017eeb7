"""``srcli opinion``: what people think of results."""

from __future__ import annotations

import typer

from srcli.cli.help import Command, Group
from srcli.cli.opinion.make import make
from srcli.cli.opinion.score import score

opinion_app = typer.Typer(
    cls=Group,
    no_args_is_help=True,
    help="What people think of results: make a page that asks them, score their answers.",
)
opinion_app.command(cls=Command)(make)
opinion_app.command(cls=Command)(score)
