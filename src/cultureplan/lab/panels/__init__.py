"""The panels: what a person moves and presses, round a map; each shows a session and decides nothing."""
