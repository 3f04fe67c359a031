"""Programs that only read: ``python -m benchmark.readers.NAME FILE COUNT`` fails where it finds another count."""
