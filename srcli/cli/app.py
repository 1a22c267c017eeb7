"""The command line as a whole: which commands there are, and how any of them ends."""

from __future__ import annotations

import logging
import sys
import traceback
import warnings
from typing import Annotated

import typer

from srcli.cli.bench import bench
from srcli.cli.compare import compare
from srcli.cli.degrade import degrade
from srcli.cli.doctor import doctor
from srcli.cli.evaluate import evaluate
from srcli.cli.export import export
from srcli.cli.help import Command, Group
from srcli.cli.metrics import metrics
from srcli.cli.models import models_app
from srcli.cli.opinion import opinion_app
from srcli.cli.output import emit, report_error, report_traceback, say
from srcli.cli.restore import restore
from srcli.cli.serve import serve
from srcli.cli.streams import drop_output
from srcli.cli.train import train
from srcli.cli.upscale import upscale
from srcli.cli.video import video
from srcli.cli.watch import watch
from srcli.cli.wrong_words import explain
from srcli.core.address_space import check_address_limit
from srcli.core.errors import EXIT_INTERNAL, OutOfMemory, SrcliError, UnknownModel, UsageError
from srcli.core.out_of_memory import ran_out_of_memory
from srcli.core.version import __version__

EXIT_INTERRUPTED = 130
_NOWHERE = logging.NullHandler()

PICTURES, QUALITY, GENERATORS = "Pictures", "Quality", "Generators and machine"

app = typer.Typer(
    name="srcli",
    cls=Group,
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    rich_markup_mode="markdown",
)
app.command(cls=Command, rich_help_panel=PICTURES)(upscale)
app.command(cls=Command, rich_help_panel=PICTURES)(restore)
app.command(cls=Command, rich_help_panel=PICTURES)(video)
app.command(cls=Command, rich_help_panel=PICTURES)(compare)
app.command(cls=Command, rich_help_panel=PICTURES)(watch)
app.command(cls=Command, rich_help_panel=PICTURES)(serve)
app.command(cls=Command, rich_help_panel=QUALITY)(metrics)
app.command(cls=Command, rich_help_panel=QUALITY)(degrade)
app.command(cls=Command, rich_help_panel=QUALITY)(evaluate)
app.add_typer(opinion_app, name="opinion", rich_help_panel=QUALITY)
app.command(cls=Command, rich_help_panel=GENERATORS)(train)
app.command(cls=Command, rich_help_panel=GENERATORS)(export)
app.add_typer(models_app, name="models", rich_help_panel=GENERATORS)
app.command(cls=Command, rich_help_panel=GENERATORS)(bench)
app.command(cls=Command, rich_help_panel=GENERATORS)(doctor)


def _print_version(wanted: bool) -> None:
    if wanted:
        emit(f"srcli {__version__}\n")
        raise typer.Exit


@app.callback()
def root(
    context: typer.Context,
    version: Annotated[
        bool,
        typer.Option(
            "-V", "--version", callback=_print_version, is_eager=True, help="Print the version and leave."
        ),
    ] = False,
) -> None:
    """Super-resolution for the shell: larger pictures, sharper than any interpolation."""
    check_address_limit()
    # The doctor tells what is wrong with them.
    if context.invoked_subcommand != "doctor":
        context.default_map = _own_defaults()


def _own_defaults() -> dict[str, dict[str, str | int]]:
    """The defaults of a person's own, for the commands that have such options."""
    from srcli.pipeline.defaults import read_defaults

    settings = read_defaults()
    device = {name: value for name, value in settings.items() if name == "device"}
    ours = {name: value for name, value in settings.items() if name in ("model", "device")}
    return {
        "upscale": settings,
        "restore": {name: value for name, value in settings.items() if name != "model"},
        "watch": settings,
        "video": ours,
        "compare": device,
        "evaluate": device,
        "serve": ours,
    }


def run(arguments: list[str] | None = None) -> int:
    """Run one command line and return its exit code.

    Args:
        arguments: the words after ``srcli``; by default those of this process.
    """
    _silence_libraries()
    words = sys.argv[1:] if arguments is None else arguments
    try:
        _refuse_empty(words)
        result = app(args=arguments, standalone_mode=False)
    except SrcliError as error:
        report_error(_with_origin(error))
        return error.exit_code
    except typer.TyperException as error:
        return _after_wrong_words(error, words)
    except (KeyboardInterrupt, typer.Abort):
        result = EXIT_INTERRUPTED
    except BrokenPipeError:
        # The reader went away.
        drop_output()
        return 1
    except Exception as error:
        return _after_lack_of_memory() if ran_out_of_memory(error) else _after_bug()
    if result == EXIT_INTERRUPTED:
        say("interrupted")
    return result if isinstance(result, int) else 0


def _with_origin(error: SrcliError) -> SrcliError:
    """Tell which variable or file names the generator that is not there, where the command line doesn't."""
    if isinstance(error, UnknownModel):
        from srcli.pipeline.defaults import describe_defaults

        for default in describe_defaults():
            if default.option == "model" and repr(default.value) in error.message:
                error.hint = "; ".join(filter(None, (f"{default.origin} names it", error.hint)))
    return error


def _silence_libraries() -> None:
    # They warn of what they then go on to ignore: no one can act on that, and it would litter the terminal.
    # Only the command line does so; in a program that imports srcli, that is for the program to choose.
    warnings.filterwarnings("ignore", module=r"PIL\.")
    for library in ("PIL", "pyvips"):
        logging.getLogger(library).addHandler(_NOWHERE)


def _refuse_empty(words: list[str]) -> None:
    """An empty word is a variable that was empty; it would stand for the current folder.

    Raises:
        UsageError: there is one.
    """
    for word in words:
        option, sign, value = word.partition("=")
        if not word or (option.startswith("--") and sign and not value):
            raise UsageError(
                f"{option} has an empty value" if word else "an argument is empty",
                hint="leave it out; in a script, look where the variable comes from",
            )


def _after_wrong_words(error: typer.TyperException, words: list[str]) -> int:
    if type(error).__name__ == "NoArgsIsHelpError":
        # A command without a word. The class has no public name, and its message is the help.
        typer.echo(error.format_message())
        return UsageError.exit_code
    report_error(explain(error, words))
    return UsageError.exit_code


def _after_lack_of_memory() -> int:
    report_traceback(traceback.format_exc())
    report_error(
        OutOfMemory("there is not enough memory", hint="raise a limit (ulimit -v), or end something else")
    )
    return OutOfMemory.exit_code


def _after_bug() -> int:
    report_traceback(traceback.format_exc())
    kind, value, _ = sys.exc_info()
    say(f"internal error: {kind.__name__ if kind else 'unknown'}: {value}")
    say("hint: this is a bug in srcli; run again with --debug and report the traceback")
    return EXIT_INTERNAL
