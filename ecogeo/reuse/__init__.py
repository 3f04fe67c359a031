"""Outcomes of checks kept from one start of the viewer to the next, for as long as nothing they hang on has changed."""

from ecogeo.reuse.checking import checked
from ecogeo.reuse.inputs import file_stamps, watched_files

__all__ = ["checked", "file_stamps", "watched_files"]
