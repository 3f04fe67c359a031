"""Meetings: steps made from the findings or written by people, shown by the browser and printed as a handout."""
