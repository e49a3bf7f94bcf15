"""Floor 4: where the next facilities should go, with a proof of how good the answer is."""
