"""Land classes: what the codes of patches and the values of land cover mean, and which of them a cover counts."""
