"""Who asks: signing in and out, what each role may do, and the log of what was done."""
