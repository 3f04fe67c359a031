"""The sample county, drawn: every module draws one theme from the few facts in `facts`, and says what it drew."""
