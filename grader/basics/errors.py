"""The errors of the tool: what a person can mend, and what is up to the machine."""


class GraderError(Exception):
    """Something stops the tool; the message says what, and what to do.

    `exit_code`: what the command ends with.
    """

    exit_code = 2


class UserError(GraderError):
    """Something that the person at the keyboard can mend."""


class ResourceError(GraderError):
    """The machine has no room, or fails; running it again may help once that is mended."""

    exit_code = 3


class RetryableFault(GraderError):
    """Something outside of a submission failed; trying again may help."""

    exit_code = 3
