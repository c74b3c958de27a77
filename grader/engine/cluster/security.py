"""TLS between the grader, the scheduler and the workers, as distributed offers it."""

import logging
import stat
import warnings
from pathlib import Path
from typing import Any

from grader.basics import packages
from grader.basics.errors import UserError
from grader.engine.sandbox import walls

CA, CERTIFICATE, KEY = "ca.pem", "cert.pem", "key.pem"
_WHERE = "docs/scale.md has the commands that make it"


def need_distributed() -> None:
    """Raise UserError where distributed, an extra of this tool's, is not installed."""
    packages.need("cluster")


def quiet() -> None:
    """Let distributed tell only what it cannot go on after; the rest is told by this tool."""
    import distributed  # noqa: F401 - it sets its loggers up when it is imported

    for name in ("distributed", *logging.root.manager.loggerDict):
        # Why a module that makes a worker one of this tool's could not do so is told.
        if name.partition(".")[0] == "distributed" and name != "distributed.preloading":
            logging.getLogger(name).setLevel(logging.CRITICAL)
    # Which packages must be equal is for identity.py to say.
    warnings.filterwarnings("ignore", "Mismatched versions found")


def checked_address(address: str, insecure: bool) -> str:
    """The address of a scheduler, with its protocol. Raises UserError if that is not TLS."""
    protocol, found, _ = address.rpartition("://")
    protocol = protocol if found else "tcp" if insecure else "tls"
    if protocol not in ("tls", "tcp"):
        raise UserError(f"{address} is no address of a scheduler, such as tls://10.0.0.1:8786")
    if protocol == "tcp" and not insecure:
        raise UserError(
            f"{address} has no TLS: whoever reaches the scheduler could read the hidden tests and "
            "run code on the workers. Use tls://, or take the risk: --insecure"
        )
    if protocol == "tls" and insecure:
        raise UserError(f"{address} has TLS, so leave --insecure out.")
    return address if found else f"{protocol}://{address}"


def security(directory: Path | None, insecure: bool) -> Any:
    """distributed's settings, from a directory with ca.pem, cert.pem and key.pem.

    Whoever has a certificate of this authority may join; all others are refused by both sides.
    """
    from distributed.security import Security

    if insecure:
        return Security(require_encryption=False)
    if directory is None:
        raise UserError(f"Name the directory with the certificate: --tls DIRECTORY ({_WHERE})")
    directory = directory.resolve()
    for name in (CA, CERTIFICATE, KEY):
        if not (directory / name).is_file():
            raise UserError(f"{directory} has no {name}; {_WHERE}.")
    key = directory / KEY
    if key.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise UserError(f"Others may read {key}, so it is no secret: chmod 600 {key}")
    if shown := walls.covering(str(key), ()):
        raise UserError(f"{key} lies below {shown}, which notebooks may read. Move it.")
    roles = {
        f"tls_{role}_{what}": str(directory / name)
        for role in ("client", "scheduler", "worker")
        for what, name in (("cert", CERTIFICATE), ("key", KEY))
    }
    return Security(require_encryption=True, tls_ca_file=str(directory / CA), **roles)
