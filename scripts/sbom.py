"""Write the bill of materials and the licences of what is vendored anew: ``make sbom``."""

from __future__ import annotations

from supply.bill import BILL, bill_text
from supply.notices import NOTICES, notices_text
from supply.parts import HOME


def main() -> None:
    """Write both files."""
    for path, text in ((BILL, bill_text()), (NOTICES, notices_text())):
        path.write_text(text, encoding="utf-8", newline="\n")
        print(path.relative_to(HOME).as_posix())


if __name__ == "__main__":
    main()
