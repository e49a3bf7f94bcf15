"""Floor 1: what stands on the ground - facilities, people, places, streets, and the bundle of them."""
