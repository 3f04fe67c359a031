"""The parts of the 界址点 exchange text: what a file holds, its dialect, its rings, and how it is written again."""
