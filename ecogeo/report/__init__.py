"""Reports in the forms that are handed in, one file each."""
