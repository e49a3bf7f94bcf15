"""Floor 0: errors, messages, units, coordinate systems and checks that every other room stands on."""
