"""Floor 2: how far every person is from every facility."""
