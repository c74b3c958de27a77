"""Measure how long a kernel takes from the request until it has TensorFlow: cold, in bubblewrap,
and as a warm fork in each tier of the engine's sandbox.

    python benchmarks/isolation.py --rounds 5
"""

import argparse
import asyncio
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from jupyter_client.manager import AsyncKernelManager
from traitlets.config import Config

from grader.engine.kernels.provisioner import SandboxKernelManager

# With the network, for the cold kernel's channels; a namespace for it adds little.
BUBBLEWRAP = (
    "bwrap --unshare-all --share-net --die-with-parent --ro-bind / / --dev /dev --proc /proc"
)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=5)
    rounds = options.parse_args().rounds
    ways = ["cold", "full", "reduced"]
    if shutil.which("bwrap"):
        ways.insert(1, "bubblewrap")
    else:
        print("bubblewrap is not installed; it is left out")
    found: dict[str, list[tuple[float, float]]] = {way: [] for way in ways}
    for way in ("full", "reduced"):
        asyncio.run(measure(way))  # starts the fork server, once for a whole class
    for _ in range(rounds):  # by turns, so that a busy moment hits each alike
        for way in ways:
            found[way].append(asyncio.run(measure(way)))
    print(f"{'':12} {'kernel is ready':>22} {'and has TensorFlow':>24}")
    for way, times in found.items():
        columns = [[each[part] for each in times] for part in (0, 1)]
        shown = (f"{statistics.median(c):.3f} s ({min(c):.3f} to {max(c):.3f})" for c in columns)
        print(f"{way:12} {'   '.join(shown)}")


async def measure(way: str) -> tuple[float, float]:
    """Seconds until a new kernel answers, and until it has imported TensorFlow."""
    with tempfile.TemporaryDirectory() as directory:
        started = time.perf_counter()
        manager = manager_for(way, directory)
        await manager.start_kernel(cwd=directory)
        client = manager.client()
        client.start_channels()
        await client.wait_for_ready(timeout=120)
        ready = time.perf_counter() - started
        reply = await client.execute_interactive("import tensorflow", timeout=120)
        if reply["content"]["status"] != "ok":
            sys.exit(f"{way}: {reply['content']}")
        imported = time.perf_counter() - started
        client.stop_channels()
        await manager.shutdown_kernel(now=True)
    return ready, imported


def manager_for(way: str, directory: str) -> Any:
    if way in ("full", "reduced"):
        return SandboxKernelManager(
            config=Config({"SandboxProvisioner": {"tier": way, "warm": ["tensorflow"]}})
        )
    manager = AsyncKernelManager(connection_file=str(Path(directory, "kernel.json")))
    if way == "bubblewrap":
        wrapped = [*BUBBLEWRAP.split(), "--bind", directory, directory, "--chdir", directory]
        # The kernel would look for its parent, which it cannot see from inside.
        wrapped += ["--unsetenv", "JPY_PARENT_PID", "--setenv", "HOME", directory]
        manager.kernel_spec.argv = [*wrapped, sys.executable, *manager.kernel_spec.argv[1:]]
    return manager


if __name__ == "__main__":
    main()
