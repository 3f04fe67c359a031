"""What the program is made of: the bill of materials, and the licences of what is vendored."""
