"""Files from strangers: taken in under names of our own, read in a process that can be killed, within limits.

What a person drops is never opened under its own name and never read by the program that serves others. A process
apart, with every driver off that is not asked for, without network and with capped memory, reads it and hands back
plain numbers and texts (`ecogeo.intake.passing`), nothing that could run.
"""

from ecogeo.intake.parts import MOST_BYTES, MOST_PARTS, Part, shown_name
from ecogeo.intake.reader import Reader, Received, Wanted
from ecogeo.intake.typed import SHAPES, Shape, typed_part

__all__ = [
    "MOST_BYTES",
    "MOST_PARTS",
    "SHAPES",
    "Part",
    "Reader",
    "Received",
    "Shape",
    "Wanted",
    "shown_name",
    "typed_part",
]
