"""Write the pinned messages anew."""

import tomli_w

from tests.io.broken.corpus import MESSAGES, all_messages

MESSAGES.write_text(tomli_w.dumps(all_messages(), multiline_strings=False), encoding="utf-8", newline="\n")
