"""One sentence for the person at the keyboard, instead of a traceback."""


class BootError(Exception):
    """The start cannot go on; the text says why and what to do."""
