"""Run the command line: ``python -m ecogeo``."""

from ecogeo.cli import main

if __name__ == "__main__":
    main()
