"""jupyter_client's kernel manager, for kernels in the sandbox."""

from typing import Any

from jupyter_client.manager import AsyncKernelManager
from traitlets import Float, List, Unicode

from grader.basics.errors import UserError
from grader.engine.kernels.provisioner import SandboxProvisioner


class SandboxKernelManager(AsyncKernelManager):  # type: ignore[misc]
    """Starts kernels with our provisioner, whatever the kernel's spec says.

    `trusted` is for the provisioner, unless it is configured there; so is `seconds`, if it is more
    than what is.
    """

    trusted = List(Unicode())
    seconds = Float(0.0)
    bridge: Any = None  # the kernel's end of the connection to a judge
    provisioner: Any

    async def _async_pre_start_kernel(self, **kw: Any) -> Any:
        if self.provisioner is None:
            language = self.kernel_spec.language if self.kernel_spec else ""
            if language != "python":
                raise UserError(
                    f"The notebook is in {language or 'no known language'}, but the engine runs "
                    "Python only. To grade it with stock nbgrader: set COURSE_STOCK=1"
                )
            provisioner = SandboxProvisioner(
                kernel_id=self.kernel_id or "", kernel_spec=self.kernel_spec, parent=self
            )
            provisioner.trusted = provisioner.trusted or self.trusted
            provisioner.seconds = max(provisioner.seconds, self.seconds)
            provisioner.bridge = self.bridge
            self.provisioner = provisioner
        return await super()._async_pre_start_kernel(**kw)
