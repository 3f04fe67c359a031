"""A county in one file: map, tables and the steps of a meeting, opened from a stick, asking nobody for anything."""
