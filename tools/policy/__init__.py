"""Hand-made tables, and the code that turns the clause catalogue into tables of the package."""
