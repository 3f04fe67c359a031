"""Write the reference from the code, and build the site of the documents in ``dist/site``: ``make docs``."""

from __future__ import annotations

import argparse
from pathlib import Path

from documents.reference import write_reference

HOME = Path(__file__).resolve().parent.parent


def main() -> None:
    """Write the pages, and build the site unless told not to."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--reference-only", action="store_true", help="write docs/reference, build no site")
    asked.add_argument("--out", type=Path, default=HOME / "dist" / "site", help="folder of the site")
    given = asked.parse_args()
    for path in write_reference(HOME / "docs" / "reference"):
        print(path.relative_to(HOME).as_posix())
    if not given.reference_only:
        from documents.site import build_site  # noqa: PLC0415  the extra `docs` is needed for this alone

        print(build_site(given.out))


if __name__ == "__main__":
    main()
