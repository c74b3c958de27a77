"""The errors of the tool: what a person can mend, and what is up to the machine."""


class CourseError(Exception):
    """Something that the person at the keyboard can mend; the message says how."""


class MachineError(CourseError):
    """The machine has no room, or fails; running it again may help once that is mended."""


class EngineError(Exception):
    """The engine cannot run at all; the message says what to do."""


class MachineFault(Exception):
    """Something outside of the submission failed; trying again may help."""
