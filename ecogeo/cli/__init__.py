"""The command line: arguments, progress, printing and exit status. Nothing else in the library prints or exits."""

from __future__ import annotations

import atexit
import gc
import sys
import warnings
from collections.abc import Sequence

import click

from ecogeo import __version__
from ecogeo.cli.auditing import audit_command
from ecogeo.cli.avoiding import avoid_command
from ecogeo.cli.bundling import bundle_command, verify_command
from ecogeo.cli.exporting import export_command
from ecogeo.cli.files import import_command, init_command, inspect_command
from ecogeo.cli.judging import check_command, demo_command, screen_command
from ecogeo.cli.large import partition_command
from ecogeo.cli.ledgers import backup_command, diff_command, restore_command, runs_command
from ecogeo.cli.options import TROUBLE
from ecogeo.cli.people import users_command
from ecogeo.cli.reporting import report_command
from ecogeo.cli.serving import serve_command
from ecogeo.cli.siting import siting_command
from ecogeo.cli.usage import lang_of, usage_text

_COLLECT_AFTER = 50_000
"""Objects made before the young ones are looked through; Python's own 700 costs a screening of one file a tenth."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its status.

    Parameters
    ----------
    arguments
        What follows the program's name; None takes the process's own.
    """
    gc.set_threshold(_COLLECT_AFTER)  # most of what a start makes stays to the end
    atexit.register(gc.freeze)  # and is not looked through once more when it ends
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a console in GBK must not stop the work
    if not sys.warnoptions:
        warnings.simplefilter("ignore")  # remarks of the readers are told as doubts, in the user's language
    given = sys.argv[1:] if arguments is None else list(arguments)
    try:
        sys.exit(commands.main(args=given, prog_name="ecogeo", standalone_mode=False))
    except click.ClickException as error:
        click.echo(usage_text(error, lang_of(given)), err=True)
        sys.exit(TROUBLE)
    except click.Abort:
        sys.exit(TROUBLE)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="ecogeo")
def commands() -> None:
    """县域空间规划工具：图层、规划表、检查、地图 / layers, plan tables, checks and maps of a county.

    Exit status: 0 done, 1 done and something is faulty, 2 could not judge.
    """


for _command in (
    audit_command,
    avoid_command,
    check_command,
    screen_command,
    demo_command,
    export_command,
    import_command,
    init_command,
    inspect_command,
    partition_command,
    report_command,
    serve_command,
    siting_command,
    runs_command,
    diff_command,
    backup_command,
    restore_command,
    bundle_command,
    verify_command,
    users_command,
):
    commands.add_command(_command)
