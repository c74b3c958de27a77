"""What docs/scale.md says of Kubernetes fits together, and a worker there may use its key."""

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from grader import cli
from grader.basics.errors import UserError
from grader.engine.cluster.security import CA, CERTIFICATE, KEY, security
from grader.engine.sandbox.walls import Limits
from tests.engine.cluster.machines import PAGE, block

MANIFESTS: list[dict[str, Any]] = list(yaml.safe_load_all(block("manifests")))
SERVICE, SCHEDULER, WORKER = MANIFESTS
PODS = [each["spec"]["template"]["spec"] for each in (SCHEDULER, WORKER)]
_ACCOUNT = PODS[0]["securityContext"]["runAsUser"]


def test_workers_find_the_scheduler() -> None:
    labels = SCHEDULER["spec"]["template"]["metadata"]["labels"]
    assert SERVICE["spec"]["selector"] == labels
    (port,) = SERVICE["spec"]["ports"]
    scheduler, worker = (cli.parser().parse_args(command(pod)[1:]) for pod in PODS)
    assert scheduler.port == port["port"]
    assert worker.address == f"tls://{SERVICE['metadata']['name']}:{port['port']}"
    assert scheduler.tls == worker.tls == Path("/tls")


def test_each_notebook_has_its_memory() -> None:
    workers = cli.parser().parse_args(command(PODS[1])[1:]).workers
    (container,) = PODS[1]["containers"]
    asked, most = (container["resources"][each]["memory"] for each in ("requests", "limits"))
    assert asked == most  # or the node may have less
    warm = 1 << 30  # libraries and a judge, about half of it
    assert int(most.removesuffix("Gi")) << 30 >= workers * (Limits().memory + warm)


@pytest.mark.parametrize("pod", PODS)
def test_the_account_is_that_of_the_image(pod: dict[str, Any]) -> None:
    own = {"runAsUser": _ACCOUNT, "runAsGroup": _ACCOUNT, "runAsNonRoot": True}
    assert pod["securityContext"] == own
    assert f"USER {_ACCOUNT}\n" in PAGE.read_text()


@pytest.mark.parametrize("pod", PODS)
def test_what_is_mounted_is_there(pod: dict[str, Any]) -> None:
    there = {each["name"] for each in pod["volumes"]}
    for container in (*pod["initContainers"], *pod["containers"]):
        assert {each["name"] for each in container["volumeMounts"]} <= there


def command(pod: dict[str, Any]) -> list[str]:
    (container,) = pod["containers"]
    words: list[str] = container["command"]
    assert words[0] == "course"
    return words


# The key


@pytest.fixture
def secret(tls: Path, base: Path) -> Path:
    """A secret as it is mounted: links to files that root owns and that all may read."""
    assert re.findall(r"--from-file=tls/(\S+)", PAGE.read_text()) == [CA, CERTIFICATE, KEY]
    mounted, data = base / "secret", base / "secret" / "..2030_01_01"
    data.mkdir(parents=True)
    (mounted / "..data").symlink_to(data.name)
    for name in (CA, CERTIFICATE, KEY):
        (data / name).write_bytes((tls / name).read_bytes())
        (data / name).chmod(0o644)
        (mounted / name).symlink_to(f"..data/{name}")
    return mounted


@pytest.mark.parametrize("mode", [0o644, 0o440, 0o640])
def test_a_secret_itself_is_refused(mode: int, secret: Path) -> None:
    """As it is mounted by default, and with the groups that fsGroup gives it to."""
    (secret / KEY).chmod(mode)
    with pytest.raises(UserError, match="chmod 600"):
        security(secret, insecure=False)


@pytest.mark.parametrize("pod", PODS)
def test_the_copy_of_a_secret_is_the_account_s_own(
    pod: dict[str, Any], secret: Path, base: Path
) -> None:
    copy = base / "tls"
    copy.mkdir()
    copy.chmod(0o777)  # as an emptyDir is
    (container,) = pod["initContainers"]
    places = {"/secret": str(secret), "/tls": str(copy)}
    words = [
        re.sub("/secret|/tls", lambda found: places[found[0]], w) for w in container["command"]
    ]
    account: dict[str, Any] = {}
    if os.geteuid() == 0:
        account = {"user": _ACCOUNT, "group": _ACCOUNT, "extra_groups": []}
    for _ in range(2):  # it may be run again
        subprocess.run(words, check=True, **account)
    for name in (CA, CERTIFICATE, KEY):
        assert (copy / name).stat().st_uid == account.get("user", os.geteuid())
    assert security(copy, insecure=False).require_encryption
