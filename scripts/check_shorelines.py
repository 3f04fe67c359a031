"""Measure the protection rate of a county's river shorelines along both banks.

The same as ``ecogeo check shoreline_protection_rate``, with its options and exit status.
"""

import sys

from ecogeo.cli import main

if __name__ == "__main__":
    main(["check", "shoreline_protection_rate", *sys.argv[1:]])
