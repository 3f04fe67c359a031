"""What the pages of land show, one file for each group of measures."""
