"""The tests. They mirror src; oracles and helpers that several files share are imported as tests.<name>."""
