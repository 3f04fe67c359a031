"""Ask whether a pinned dependency has a known weakness: ``make audit``.

Status 1 where one has. Where the answer cannot be had (no network, a service that does not know a package, no
pip-audit), that is said aloud and the status is 0: nothing was found, and nothing was proven.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

HOME = Path(__file__).resolve().parent.parent
SOCKET_S, WHOLE_S = 10, 300
"""How long one answer, and all of them together, may take."""


def main() -> None:
    """Audit a lock, and say what came of it."""
    asked = argparse.ArgumentParser(description="known weaknesses of pinned dependencies")
    asked.add_argument("lock", nargs="?", type=Path, default=HOME / "requirements.lock")
    asked.add_argument("--program", nargs="+", default=[sys.executable, "-m", "pip_audit"], help="another pip-audit")
    given = asked.parse_args()
    told, trouble = ask(given.program, given.lock)
    lines, status = judge(told, trouble)
    print("\n".join(lines))
    raise SystemExit(status)


def ask(program: list[str], lock: Path) -> tuple[list[dict[str, Any]] | None, str]:
    """Return what the service knows of each package, or None and why there is no answer."""
    with tempfile.TemporaryDirectory() as scratch:
        answer = Path(scratch) / "answer.json"
        words = ["-r", str(lock), "--disable-pip", "--progress-spinner", "off", "--timeout", str(SOCKET_S)]
        try:
            done = subprocess.run(  # noqa: S603  a fixed command
                [*program, *words, "-f", "json", "-o", str(answer)],
                capture_output=True,
                text=True,
                timeout=WHOLE_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return None, f"no answer within {WHOLE_S} s"
        except OSError as error:
            return None, str(error)
        try:
            packages: list[dict[str, Any]] = json.loads(answer.read_text("utf-8"))["dependencies"]
        except (OSError, ValueError, KeyError):
            last = [line for line in done.stderr.splitlines() if line.strip()][-1:]
            return None, (last or ["it wrote no answer"])[0][:200]
    return packages, ""


def judge(packages: list[dict[str, Any]] | None, trouble: str) -> tuple[list[str], int]:
    """Return what to print, and the status.

    Parameters
    ----------
    packages
        What the service said of each; None where it could not be asked.
    trouble
        Why it could not be asked.
    """
    if packages is None:
        return [f"AUDIT SKIPPED: the data of pip-audit cannot be reached: {trouble}"], 0
    unknown = sorted(one["name"] for one in packages if "skip_reason" in one)
    weak = [(one, fault) for one in packages for fault in one.get("vulns", [])]
    known = len(packages) - len(unknown)
    lines = [
        f"WEAKNESS: {one['name']} {one['version']}: {fault['id']}, mended in "
        f"{', '.join(fault['fix_versions']) or 'no version yet'}"
        for one, fault in weak
    ]
    if unknown:
        shown = ", ".join(unknown[:5]) + (" …" if len(unknown) > 5 else "")
        lines.append(f"AUDIT SKIPPED for {len(unknown)} of {len(packages)} packages the service does not know: {shown}")
    if known:
        lines.append(f"audit: {known} packages, {len(weak)} known weaknesses")
    return lines, 1 if weak else 0


if __name__ == "__main__":
    main()
