"""Plug-ins for onnxruntime: missing, broken, without a device, and with one."""

from __future__ import annotations

import re
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from srcli.core.errors import DeviceUnavailable, UsageError
from srcli.engine.devices import builtin, plugins
from srcli.engine.devices.coreml import COREML
from srcli.engine.devices.directml import DIRECTML
from srcli.engine.devices.kind import Device
from srcli.engine.devices.registry import KINDS, choose_device, usable_devices
from srcli.engine.devices.tensorrt import TENSORRT
from srcli.engine.devices.webgpu import WEBGPU
from srcli.engine.inference import ort_session
from srcli.engine.runtimes import onnxruntime_session
from srcli.engine.runtimes.runtime import onnxruntime
from srcli.engine.sessions.session import open_session
from tests import tiny_models

NAMES = ["webgpu", "tensorrt"]


@pytest.fixture
def pretend(monkeypatch):
    """Has a plug-in in place whose one device is the processor, which onnxruntime offers like a plug-in's."""
    monkeypatch.setattr(plugins, "find_spec", lambda name: object())
    monkeypatch.setattr(plugins, "_register", lambda module: None)
    for kind in (WEBGPU, TENSORRT):
        monkeypatch.setattr(type(kind), "provider", onnxruntime_session.CPU_PROVIDER)


@pytest.mark.parametrize(
    ("name", "package"),
    [("webgpu", "onnxruntime-ep-webgpu"), ("tensorrt", "onnxruntime-ep-nv-tensorrt-rtx")],
)
def test_a_package_that_is_missing(name, package, monkeypatch):
    monkeypatch.setattr(plugins, "find_spec", lambda module: None)
    with pytest.raises(
        DeviceUnavailable, match=f"{name}:0 can't serve: {package} is not installed"
    ) as caught:
        choose_device(name)
    assert caught.value.hint == f"pip install '.[{name}]' in a copy of srcli's repository"


@pytest.mark.parametrize("name", NAMES)
def test_a_plug_in_that_does_not_load(name, monkeypatch):
    plugins._register.cache_clear()
    package = SimpleNamespace(get_ep_name=lambda: "Nothing", get_library_path=lambda: "/nowhere/lib.so")
    monkeypatch.setattr(plugins, "find_spec", lambda module: object())
    for kind in (WEBGPU, TENSORRT):
        monkeypatch.setitem(sys.modules, kind.module, package)
    with pytest.raises(DeviceUnavailable, match=r"the plug-in does not load: .*lib\.so") as caught:
        choose_device(name)
    assert caught.value.hint.endswith("--force-reinstall")
    plugins._register.cache_clear()


def test_an_onnxruntime_that_takes_none(monkeypatch):
    monkeypatch.setattr(plugins, "find_spec", lambda module: object())
    monkeypatch.setattr(plugins, "onnxruntime", lambda: SimpleNamespace())
    with pytest.raises(DeviceUnavailable, match="takes no plug-ins"):
        choose_device("webgpu")
    assert WEBGPU.parts() == ("0",)


def test_a_plug_in_without_a_device(pretend, monkeypatch):
    monkeypatch.setattr(type(WEBGPU), "provider", "NobodyExecutionProvider")
    with pytest.raises(DeviceUnavailable, match="the plug-in finds no GPU with Vulkan") as caught:
        choose_device("webgpu")
    assert caught.value.hint.endswith("or use --device cpu")


def test_a_device_that_it_does_not_have(pretend):
    with pytest.raises(DeviceUnavailable, match="there is no device number 3: the plug-in finds 1"):
        choose_device("webgpu:3")


@pytest.mark.parametrize("request_", ["webgpu:", "webgpu:x", "webgpu:0,1", "tensorrt:-1"])
def test_unknown_parts(request_):
    with pytest.raises(UsageError, match="unknown device") as caught:
        choose_device(request_)
    assert caught.value.hint == f"--device {request_.partition(':')[0]}[:N]"


@pytest.mark.parametrize("name", NAMES)
def test_a_device_of_a_plug_in_runs(name, pretend, tmp_path):
    device = choose_device(name)
    assert (device.name, device.on_gpu) == (f"{name}:0", True)
    assert device.kind.describe("0").endswith(" CPU")
    path = tiny_models.deep(tmp_path / "deep.onnx")
    session = open_session(path, device)
    assert session.gives_levels
    assert session.version.startswith("onnxruntime ")
    batch = np.random.default_rng(0).random((1, 3, 20, 31), dtype=np.float32)
    np.testing.assert_allclose(session.run(batch), open_session(path, ort_session.CPU).run(batch), atol=1e-5)


@pytest.mark.parametrize("named", [True, False])
def test_operators_that_are_left_to_the_cpu_are_named(named, pretend, tmp_path, monkeypatch):
    """A session is asked for strictly; where that fails, one that is not strict tells which operators."""
    provider = "PretendedExecutionProvider"
    monkeypatch.setattr(type(WEBGPU), "provider", provider)
    asked = []

    def create(source, options, *, providers, enable_fallback):
        entries = {name: entry(options, name) for name in ("disable_cpu_ep_fallback",)}
        asked.append((providers, enable_fallback, entries["disable_cpu_ep_fallback"]))
        if len(asked) == 1 or not named:
            raise RuntimeError("nodes are assigned to the CPU, but fallback to CPU EP has been disabled")
        parts = [("CPUExecutionProvider", "Resize"), (provider, "Conv"), ("CPUExecutionProvider", "Gather")]
        return SimpleNamespace(
            get_provider_graph_assignment_info=lambda: [
                SimpleNamespace(ep_name=name, get_nodes=lambda operator=operator: [node(operator)])
                for name, operator in parts
            ]
        )

    def node(operator):
        return SimpleNamespace(op_type=operator)

    def entry(options, name):
        try:
            return options.get_session_config_entry(f"session.{name}")
        except RuntimeError:
            return None

    class Runtime:
        InferenceSession = staticmethod(create)

        def __getattr__(self, name):
            return getattr(onnxruntime(), name)

    # The processor's device, under the name of the plug-in.
    real = onnxruntime().get_ep_devices()
    monkeypatch.setattr(type(WEBGPU), "_found", lambda self: real[:1])
    monkeypatch.setattr(onnxruntime_session, "onnxruntime", Runtime)
    path = tiny_models.deep(tmp_path / "deep.onnx")
    told = ": it leaves Gather, Resize to the CPU" if named else ""
    with pytest.raises(DeviceUnavailable) as caught:
        ort_session.create(path, choose_device("webgpu"))
    assert caught.value.message == f"webgpu:0 can't run all of deep.onnx{told}"
    assert caught.value.hint == "--device cpu"
    assert asked == [(None, 0, "1"), (None, 0, None)]


def test_a_provider_that_was_replaced(pretend, tmp_path, monkeypatch):
    real = onnxruntime().get_ep_devices()
    monkeypatch.setattr(type(WEBGPU), "_found", lambda self: real[:1])
    monkeypatch.setattr(type(WEBGPU), "provider", "PretendedExecutionProvider")
    monkeypatch.setattr(onnxruntime_session, "STRICT", onnxruntime_session.RECORD)
    with pytest.raises(
        DeviceUnavailable, match=r"runs on CPUExecutionProvider instead of PretendedExecutionProvider"
    ):
        ort_session.create(tiny_models.deep(tmp_path / "deep.onnx"), choose_device("webgpu"))


@pytest.mark.skipif(find_spec("onnxruntime_ep_webgpu") is None, reason="pip install '.[webgpu]'")
def test_the_real_plug_in_for_webgpu_loads():
    problem = WEBGPU.problem("0")
    if problem is None:
        assert WEBGPU.version().startswith("onnxruntime ")
        assert WEBGPU.describe("0")
    else:
        assert problem.reason == "the plug-in finds no GPU with Vulkan, Direct3D 12 or Metal"


@pytest.mark.parametrize(
    ("name", "platform", "provider"),
    [("directml", "win32", "DmlExecutionProvider"), ("coreml", "darwin", "CoreMLExecutionProvider")],
)
def test_what_a_platform_brings(name, platform, provider, monkeypatch):
    available = ["CPUExecutionProvider"]
    runtime = SimpleNamespace(__version__="9.9", get_available_providers=lambda: available)
    monkeypatch.setattr(builtin, "onnxruntime", lambda: runtime)
    monkeypatch.setattr(builtin, "sys", SimpleNamespace(platform="plan9"))
    with pytest.raises(DeviceUnavailable, match=r"can't serve: only (Windows|macOS) has it"):
        choose_device(name)
    monkeypatch.setattr(builtin, "sys", SimpleNamespace(platform=platform))
    with pytest.raises(DeviceUnavailable, match="was built without it"):
        choose_device(name)
    available.insert(0, provider)
    device = choose_device(name)
    assert (device.provider, device.on_gpu) == (provider, True)
    with pytest.raises(DeviceUnavailable, match=f"{device.name} has no int8: it computes in fp32, fp16"):
        choose_device(name, "int8")


@pytest.mark.filterwarnings("ignore:Specified provider")
@pytest.mark.parametrize("name", ["directml:1", "coreml"])
def test_a_provider_that_the_wheel_lacks_is_not_replaced(name, tmp_path, monkeypatch):
    """onnxruntime warns and goes on without a provider that it does not know; the session is refused."""
    monkeypatch.setattr(builtin.BuiltInKind, "problem", lambda self, part: None)
    with pytest.raises(DeviceUnavailable):
        ort_session.create(tiny_models.deep(tmp_path / "deep.onnx"), choose_device(name))


def test_options_of_what_a_platform_brings(monkeypatch):
    given = []
    monkeypatch.setattr(builtin, "open_on", lambda providers, opening: given.extend(providers))
    for name, kind, precision in (("directml:2", DIRECTML, "fp32"), ("coreml", COREML, "fp32")):
        kind.open(SimpleNamespace(device=Device(name, kind, ""), precision=precision))
    COREML.open(SimpleNamespace(device=Device("coreml", COREML, ""), precision="fp16"))
    assert given == [
        ("DmlExecutionProvider", {"device_id": "2"}),
        ("CoreMLExecutionProvider", {"ModelFormat": "MLProgram", "MLComputeUnits": "CPUAndGPU"}),
        ("CoreMLExecutionProvider", {"ModelFormat": "MLProgram", "MLComputeUnits": "ALL"}),
    ]


def test_every_kind_tells_what_it_is():
    assert len({kind.name for kind in KINDS}) == len(KINDS)
    for kind in KINDS:
        assert kind.title
        assert kind.usage.startswith(kind.name)
        assert bool(kind.install) == (kind.name != "cpu")
        assert kind.split(None) == [kind.default]
        problem = kind.problem(kind.default)
        assert problem is None or (problem.reason and problem.hint)
        assert kind.parts()


def test_extras_that_hints_name_are_there():
    project = Path(__file__).resolve().parents[3] / "pyproject.toml"
    extras = tomllib.loads(project.read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    named = {kind.name: re.findall(r"\.\[(\w+)\]", kind.install) for kind in KINDS}
    assert named["openvino"] == ["openvino"]
    assert {extra for found in named.values() for extra in found} <= extras.keys()


def test_the_cpu_is_the_first_of_what_is_usable():
    assert usable_devices()[0].name == "cpu"
