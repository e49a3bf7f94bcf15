"""Floor 2: reading and writing worlds - tables in any usual form and coordinate system."""
