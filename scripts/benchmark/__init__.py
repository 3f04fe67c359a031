"""The benchmark: cases drawn from a seed, programs that answer the same question, and one table of what they took."""
