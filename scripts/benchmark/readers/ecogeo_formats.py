"""ecogeo's own reading, which looks for everything that may be wrong with a file."""

import sys
from pathlib import Path

from ecogeo.formats import read_features

if __name__ == "__main__":
    sys.exit(len(read_features(Path(sys.argv[1])).frame) != int(sys.argv[2]))
