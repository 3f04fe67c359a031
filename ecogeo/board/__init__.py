"""What a county's tables and answers come to for people: projects, indicators, and ways to choose among them."""
