"""Floor 3: how well people are served."""
