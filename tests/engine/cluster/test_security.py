"""Nothing is done without TLS, unless that is asked for; a certificate of others opens nothing."""

import subprocess
from pathlib import Path

import pytest

from grader import cli
from grader.basics.errors import UserError
from grader.engine.cluster import pool
from grader.engine.cluster.pool import Cluster, ClusterPool
from grader.engine.cluster.security import checked_address, security
from tests.engine.cluster.machines import machines, make_certificates
from tests.running import PROGRAM


@pytest.mark.parametrize(
    ("given", "insecure", "address"),
    [
        ("10.0.0.1:8786", False, "tls://10.0.0.1:8786"),
        ("tls://10.0.0.1:8786", False, "tls://10.0.0.1:8786"),
        ("10.0.0.1:8786", True, "tcp://10.0.0.1:8786"),
        ("tcp://10.0.0.1:8786", True, "tcp://10.0.0.1:8786"),
    ],
)
def test_an_address_is_one_with_tls_unless_told_otherwise(
    given: str, insecure: bool, address: str
) -> None:
    assert checked_address(given, insecure) == address


@pytest.mark.parametrize(
    ("given", "insecure", "why"),
    [
        ("tcp://10.0.0.1:8786", False, "has no TLS: whoever reaches the scheduler"),
        ("tls://10.0.0.1:8786", True, "leave --insecure out"),
        ("ws://10.0.0.1:8786", False, "is no address of a scheduler"),
    ],
)
def test_other_addresses_are_refused(given: str, insecure: bool, why: str) -> None:
    with pytest.raises(UserError, match=why):
        checked_address(given, insecure)


def test_a_directory_of_certificates_must_be_whole_and_secret(tls: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="--tls DIRECTORY"):
        security(None, insecure=False)
    for name in ("ca.pem", "cert.pem", "key.pem"):
        with pytest.raises(UserError, match=f"has no {name}"):
            security(tmp_path, insecure=False)
        (tmp_path / name).write_bytes((tls / name).read_bytes())
    with pytest.raises(UserError, match="chmod 600"):
        security(tmp_path, insecure=False)
    (tmp_path / "key.pem").chmod(0o600)
    assert security(tmp_path, insecure=False).require_encryption


def test_a_key_that_notebooks_could_read_is_refused(
    tls: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.prefix", str(tls))
    with pytest.raises(UserError, match="which notebooks may read"):
        security(tls, insecure=False)


def test_the_authority_s_key_is_not_needed_and_no_file_is_for_others(tls: Path) -> None:
    for path in (tls, *tls.iterdir()):
        assert not path.stat().st_mode & 0o077, path


def reach(address: str, tls: Path, *, insecure: bool = False) -> None:
    cluster = Cluster(address=address, tls=str(tls), insecure=insecure)
    reached: ClusterPool[str] = ClusterPool(cluster, {})
    try:
        reached.start()
    finally:
        reached.close()


def test_only_those_of_one_authority_meet(
    base: Path, tls: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "_CONNECT_SECONDS", 2.0)
    others = make_certificates(tmp_path)
    with machines(base, tls) as cluster:
        reach(cluster.address, tls)
        with pytest.raises(UserError, match="No scheduler answers"):
            reach(cluster.address, others)
        with pytest.raises(UserError, match="No scheduler answers"):
            reach(cluster.address.replace("tls", "tcp"), tls, insecure=True)


def test_the_commands_say_what_they_need(base: Path, tls: Path) -> None:
    for words in (["scheduler"], ["worker", "tls://127.0.0.1:1"]):
        done = subprocess.run(
            [PROGRAM, *words], cwd=base, capture_output=True, text=True, check=False
        )
        assert done.returncode == 2
        assert "Name the directory with the certificate: --tls DIRECTORY" in done.stderr


def test_where_distributed_is_not_installed_the_commands_say_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("grader.basics.packages._is_installed", lambda name: name != "distributed")
    for words in (["scheduler"], ["worker", "tls://127.0.0.1:1"]):
        assert cli.main(words) == 2
        said = "not installed (distributed): pip install 'nbgrader-course[cluster]'"
        assert said in capsys.readouterr().err
