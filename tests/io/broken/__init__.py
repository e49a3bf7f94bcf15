"""A corpus of broken worlds: one good folder, and what people do to it.

Each case says which faults must be found: key of the message, file, rows as the user counts them, column as
the user spells it. The wording, in both languages, is pinned in ``messages.toml``; after a change of wording
that is meant, ``python -m tests.io.broken`` from the root of the repository writes that file anew.
"""
