"""The siting models, one file each: mathematics, formulation, and how each is solved."""
