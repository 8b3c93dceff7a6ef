"""A model loaded into onnxruntime: which execution provider, how many threads, how it is run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hardware_profiles.faults import BadInput, Fault, closest

_SUFFIX = "ExecutionProvider"
_NOT_HERE = ("Azure",)  # sends the work elsewhere

# What each execution provider is as a runtime, and the unit that does its work (empty: depends on its options).
_PROVIDERS = {
    "ACL": ("onnxruntime-acl", "CPU"),
    "ArmNN": ("onnxruntime-armnn", "CPU"),
    "CANN": ("onnxruntime-cann", "NPU"),
    "CPU": ("onnxruntime", "CPU"),
    "CUDA": ("onnxruntime", "GPU"),
    "CoreML": ("onnxruntime-coreml", ""),
    "Dml": ("onnxruntime-directml", "GPU"),
    "Dnnl": ("onnxruntime-dnnl", "CPU"),
    "MIGraphX": ("onnxruntime-migraphx", "GPU"),
    "NvTensorRTRTX": ("onnxruntime-tensorrt-rtx", "GPU"),
    "OpenVINO": ("onnxruntime-openvino", ""),
    "QNN": ("onnxruntime-qnn", "NPU"),
    "ROCM": ("onnxruntime-rocm", "GPU"),
    "Rknpu": ("onnxruntime-rknpu", "NPU"),
    "Tensorrt": ("onnxruntime-tensorrt", "GPU"),
    "VitisAI": ("onnxruntime-vitisai", "NPU"),
    "Xnnpack": ("onnxruntime-xnnpack", "CPU"),
}
_ON_DEVICE = ("CUDA", "Tensorrt", "NvTensorRTRTX")  # whose memory onnxruntime calls "cuda"

OPTIMISATIONS = ("all", "extended", "basic", "none")


@dataclass(frozen=True)
class SessionSettings:
    """How a model is loaded: threads within one operator and between operators, and how far its graph is optimised."""

    threads: int | None = None
    inter_op: int = 1
    optimisation: str = "all"
    provider_options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Session:
    """A loaded model and the execution provider that got it (without its ending: ``CPU``, ``CUDA``)."""

    inner: Any
    provider: str

    @property
    def runtime(self) -> str:
        return _PROVIDERS.get(self.provider, (f"onnxruntime-{self.provider.lower()}", ""))[0]

    @property
    def unit(self) -> str:
        return _PROVIDERS.get(self.provider, ("", ""))[1]

    def runner(self, feeds: Mapping[str, Any], without_copies: bool = False) -> Callable[[], object]:
        """A function that executes the model once and returns when it is done.

        Inputs and outputs lie in the host's memory, so that copies to a device and back are in its time; with
        ``without_copies`` they stay on the device.

        Raises
        ------
        BadInput
            Where they can not.
        """
        if not without_copies:
            return lambda: self.inner.run(None, feeds)
        if self.provider not in _ON_DEVICE:
            said = f"the {self.provider} provider, which takes its inputs from the host's memory"
            raise BadInput(Fault("--without-copies", said, f"one of {', '.join(_ON_DEVICE)}"))
        values = onnxruntime().OrtValue
        binding = self.inner.io_binding()
        for name, array in feeds.items():
            binding.bind_ortvalue_input(name, values.ortvalue_from_numpy(array, "cuda", 0))
        for output in self.inner.get_outputs():
            binding.bind_output(output.name, "cuda")

        def run() -> None:
            self.inner.run_with_iobinding(binding)
            binding.synchronize_outputs()

        return run


def onnxruntime() -> Any:
    """The module; raises BadInput where it, or numpy, is not installed."""
    try:
        import numpy  # noqa: F401 - onnxruntime asks for it in words of its own
        import onnxruntime as module
    except ImportError as missing:
        said = f"no {missing.name} installed for this Python"
        raise BadInput(Fault("", said, "`pip install numpy onnxruntime` (or `tierwise[bench]`)")) from None
    return module


def available() -> list[str]:
    """The execution providers of this onnxruntime, the one it prefers first."""
    names = [name.removesuffix(_SUFFIX) for name in onnxruntime().get_available_providers()]
    return [name for name in names if name not in _NOT_HERE]


def opened(
    model: Path, wanted: str | None, settings: SessionSettings, profile: tuple[Path, Path | None] | None = None
) -> tuple[Session, tuple[str, ...]]:
    """Load a model with the execution provider ``wanted``, else with the first available that takes it.

    With ``profile`` = (start of the profile's name, file for the optimised graph or None) it is profiled too.
    Returns the session and what is to be said about the choice.

    Raises
    ------
    BadInput
        Where there is no such provider, it does not start, or the file is no model that onnxruntime can load.
    """
    candidates = [_known(wanted)] if wanted else available()
    notes: list[str] = []
    for provider in candidates:
        try:
            session = _loaded(model, provider, settings, profile)
        except BadInput:
            if provider == candidates[-1]:
                raise
        else:
            if session.get_providers()[0] == provider + _SUFFIX:
                return Session(session, provider), tuple(notes)
        notes.append(f"the {provider} provider is installed but does not take this model")
    said = f"{candidates[-1] if candidates else 'none'}, installed but not starting"
    raise BadInput(Fault("--provider", said, "one that works here: a driver or library may be missing"))


def _known(wanted: str) -> str:
    spelled = {name.lower(): name for name in available()}
    asked = wanted.lower().removesuffix(_SUFFIX.lower())
    if asked not in spelled:
        names = ", ".join(spelled.values())
        elsewhere = asked in {name.lower() for name in _PROVIDERS}  # no slip: this onnxruntime was built without it
        near = "" if elsewhere else spelled.get(closest(asked, spelled), "")
        raise BadInput(Fault("--provider", f"`{wanted}`", f"one that this onnxruntime has: {names}", nearest=near))
    return spelled[asked]


def _loaded(model: Path, provider: str, settings: SessionSettings, profile: tuple[Path, Path | None] | None) -> Any:
    module = onnxruntime()
    options = module.SessionOptions()
    options.log_severity_level = 4  # what goes wrong is said by us, in one line
    options.intra_op_num_threads = settings.threads or 0
    options.inter_op_num_threads = settings.inter_op
    if settings.inter_op > 1:
        options.execution_mode = module.ExecutionMode.ORT_PARALLEL
    level = {"none": "DISABLE_ALL"}.get(settings.optimisation, f"ENABLE_{settings.optimisation.upper()}")
    options.graph_optimization_level = getattr(module.GraphOptimizationLevel, f"ORT_{level}")
    if profile is not None:
        options.enable_profiling = True
        prefix, graph_file = profile
        options.profile_file_prefix = str(prefix)
        if graph_file is not None:
            options.optimized_model_filepath = str(graph_file)
            # Weights beside it: together they may be too large for one file of the format.
            options.add_session_config_entry(
                "session.optimized_model_external_initializers_file_name", f"{graph_file.stem}.weights"
            )
    chain = [provider + _SUFFIX] + (["CPU" + _SUFFIX] if provider != "CPU" else [])
    given = [dict(settings.provider_options), *({} for _ in chain[1:])]
    try:
        # Without fallback: onnxruntime would print about it, and quietly run elsewhere.
        return module.InferenceSession(
            str(model), options, providers=chain, provider_options=given, enable_fallback=False
        )
    except Exception as error:
        raise BadInput(Fault(str(model), _first_line(error), "a model that onnxruntime can load")) from None


def dry_run(run: Callable[[], object]) -> None:
    """Executes once, so that what the model makes of its inputs is known; raises BadInput where it refuses them."""
    try:
        run()
    except Exception as error:
        if not type(error).__module__.startswith("onnxruntime"):
            raise
        said = f"inputs that the model refuses: {_first_line(error)}"
        raise BadInput(Fault("--axis", said, "sizes that belong together")) from None


def _first_line(error: Exception) -> str:
    lines: Sequence[str] = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0][:300]
