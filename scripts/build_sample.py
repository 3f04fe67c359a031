"""Draw the sample county: every file of layers/ from the few known facts, the same bytes on every run."""

from __future__ import annotations

import argparse
from pathlib import Path

from sample.county import build_county

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    """Read the arguments and write the layers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "layers", help="folder to write to (default: layers/)")
    parser.add_argument(
        "--tables",
        type=Path,
        default=ROOT / "data" / "liujiang",
        help="folder of gazetteer.csv, villages.csv and projects.csv",
    )
    arguments = parser.parse_args()
    for path in build_county(arguments.tables, arguments.out):
        print(path.name)


if __name__ == "__main__":
    main()
