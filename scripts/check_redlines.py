"""Check the project sites of a county against its ecological red lines.

The same as ``ecogeo check site_in_redline``, with its options and exit status.
"""

import sys

from ecogeo.cli import main

if __name__ == "__main__":
    main(["check", "site_in_redline", *sys.argv[1:]])
