"""Mutate 界址点 texts and read them: `python -m tests.fuzz_boundary_txt --runs 100000 --seed 1`.

Each mutant must be read or refused with an UnusableFileError; anything else, and anything slower than the limit, is
reported with the bytes that caused it. Not collected by pytest, which runs a share of it.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from dataclasses import dataclass, field
from typing import Any

from ecogeo.errors import UnusableFileError
from ecogeo.formats.boundary.writing import write_boundary
from ecogeo.formats.boundary_txt import boundary_reading, read_boundary_file

SAMPLE = """[属性描述]
格式版本号=1.01
数据产生单位=示例
数据产生日期=2026-01-15
坐标系=2000国家大地坐标系
几度分带=3
投影类型=高斯克吕格
计量单位=米
带号=36
精度=0.001
转换参数=,,,,,,
[地块坐标]
10,1.9600,DK01,示例地块,面,,公用设施用地,,@
J1,1,2684701.721,36632017.749
J2,1,2684701.721,36632217.749
J3,1,2684801.721,36632217.749
J4,1,2684801.721,36632017.749
J1,1,2684701.721,36632017.749
J5,2,2684740.000,36632100.000
J6,2,2684760.000,36632100.000
J7,2,2684760.000,36632120.000
J8,2,2684740.000,36632120.000
J5,2,2684740.000,36632100.000
"""
"""The synthetic parcel of the specification: 100 m × 200 m with a hole of 20 m × 20 m, in zone 36."""

_SECOND = """3,0.5,DK02,渠,线,,,,@
J1,1,2684701.7,36632017.7
J2,1,2684711.7,36632027.7
1,0,DK03,井,点,,,,@
J1,1,2684701,36632017
"""
_SHORT = "[地块坐标]\n4,1,A,甲,面,,,,@\n1,1,2684701,632017\n2,1,2684801,632017\n3,1,2684801,632117\n"
_ENCODINGS = ("utf-8", "gb18030", "utf-8-sig", "utf-16")
_TEXTS = (SAMPLE, SAMPLE + _SECOND, _SHORT, _SHORT.replace(",", "\t"), _SHORT.partition("@\n")[2])
_SEEDS = tuple(text.encode(encoding) for text in _TEXTS for encoding in _ENCODINGS)
_SIGNS = ("[", "]", "【地块坐标】", ",", "，", "@", "面", "点", "线", "\n", "\r", "\t", "1e400", "-", "nan", "=")
_TOKENS = (
    *(sign.encode() for sign in _SIGNS),
    *(b"\x00", b"\xff\xfe", b"\x80", b"9" * 60, b"J1,1,2684701.721,36632017.749\n"),
)


@dataclass
class Counts:
    """How mutants fared.

    Parameters
    ----------
    read, refused
        How many were read, and refused as they should be.
    broken
        Those that raised anything else or did not come back the same: the error and the bytes.
    slowest_s
        The longest any took, in seconds.
    """

    read: int = 0
    refused: int = 0
    broken: list[tuple[str, bytes]] = field(default_factory=list)
    slowest_s: float = 0.0


def mutant(chance: random.Random) -> bytes:
    """Return a seed with a few bytes, or a few signs of its text, changed, cut, doubled, moved or replaced."""
    if chance.random() < 0.5:
        content = list(chance.choice(_SEEDS))
        return bytes(_changed(content, list(chance.choice(_SEEDS)), list(chance.choice(_TOKENS)), chance))
    signs = list(chance.choice(_TEXTS))
    token = list(chance.choice(_TOKENS).decode("utf-8", "ignore"))
    return "".join(_changed(signs, list(chance.choice(_TEXTS)), token, chance)).encode(chance.choice(_ENCODINGS))


def _changed(content: list[Any], other: list[Any], token: list[Any], chance: random.Random) -> list[Any]:
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(content) + 1)
        end = min(len(content), at + chance.randint(0, 40))
        action = chance.randrange(6)
        if action == 0 and at < len(content):
            content[at] = chance.choice(other)
        elif action == 1:
            content[at:end] = []
        elif action == 2:
            content[at:at] = content[at:end]
        elif action == 3:
            content[at:at] = token
        elif action == 4:
            cut = chance.randrange(len(other))
            content[at:end] = other[cut : cut + 40]
        elif chance.random() < 0.2:
            content[at:] = []
    return content


def run(runs: int, *, seed: int) -> Counts:
    """Read many mutants, write every tenth that was read, and count what happens."""
    chance = random.Random(seed)  # noqa: S311
    counts = Counts()
    for turn in range(runs):
        content = mutant(chance)
        start = time.perf_counter()
        try:
            file = read_boundary_file(content, "mutant.txt")
            boundary_reading(file, "mutant.txt", "mutant")
            counts.read += 1
            if turn % 10 == 0:
                once = write_boundary(file)
                if write_boundary(read_boundary_file(once, "mutant.txt")) != once:
                    counts.broken.append(("not stable", content))
        except UnusableFileError:
            counts.refused += 1
        except Exception as error:  # noqa: BLE001
            counts.broken.append((repr(error), content))
        counts.slowest_s = max(counts.slowest_s, time.perf_counter() - start)
    return counts


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    result = run(options.runs, seed=options.seed)
    for reason, culprit in result.broken[:20]:
        sys.stdout.write(f"{reason}\n{culprit!r}\n")
    sys.stdout.write(
        f"{options.runs} mutants: {result.read} read, {result.refused} refused, {len(result.broken)} broken, "
        f"slowest {result.slowest_s:.3f} s\n"
    )
    sys.exit(bool(result.broken))
