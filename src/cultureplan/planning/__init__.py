"""Floor 5: what if - changes, scenarios and their comparison."""
