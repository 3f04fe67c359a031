"""The parts of a sheet of corner points: its rows, what its columns mean, and what looks odd."""
