"""OpenVINO, where it is installed, and what is told where it is not."""

from __future__ import annotations

import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec

import numpy as np
import pytest

from srcli.core.errors import DeviceUnavailable, OutOfMemory, UnsuitableModel, UsageError
from srcli.engine.devices import openvino as kind
from srcli.engine.devices.openvino import OPENVINO
from srcli.engine.devices.registry import choose_device
from srcli.engine.inference import ort_session
from srcli.engine.runtimes import compiled, openvino_session
from srcli.engine.runtimes.runtime import first_line
from srcli.engine.sessions.session import open_session
from srcli.models.folders import shipped_folder
from srcli.models.store import ModelStore, default_store
from tests import tiny_models

installed = pytest.mark.skipif(find_spec("openvino") is None, reason="pip install '.[openvino]'")
SHIPPED = [
    (model.card.name, model.card.scale)
    for model in ModelStore([shipped_folder()]).all()
    # Whose input has one size.
    if not model.card.colours
]


def noise(*shape):
    return np.random.default_rng(0).random(shape, dtype=np.float32)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv(compiled.CACHE_VARIABLE, str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def device():
    return choose_device("openvino")


@pytest.fixture
def compilations(monkeypatch):
    """Counts what is compiled."""
    made = []
    compile_it = openvino_session._compile

    def count(*words):
        made.append(words)
        return compile_it(*words)

    monkeypatch.setattr(openvino_session, "_compile", count)
    return made


def needs(precision):
    problem = OPENVINO.precision_problem("cpu", precision)
    if problem is not None:
        pytest.skip(problem.reason)


def test_where_it_is_not_installed(monkeypatch):
    monkeypatch.setattr(kind, "find_spec", lambda name: None)
    with pytest.raises(
        DeviceUnavailable, match="openvino:cpu can't serve: openvino is not installed"
    ) as caught:
        choose_device("openvino")
    assert caught.value.hint == "pip install '.[openvino]' in a copy of srcli's repository"
    with pytest.raises(DeviceUnavailable, match="no device here computes in bf16: openvino is not installed"):
        choose_device("auto", "bf16")
    assert OPENVINO.parts() == ("cpu",)


def test_where_it_does_not_load(monkeypatch):
    def broken():
        raise ImportError("libopenvino.so: no such file\nmore")

    monkeypatch.setattr(kind, "find_spec", lambda name: object())
    monkeypatch.setattr(openvino_session, "core", broken)
    with pytest.raises(
        DeviceUnavailable, match=r"openvino does not load: libopenvino\.so: no such file"
    ) as caught:
        choose_device("openvino:gpu")
    assert caught.value.hint == "pip install '.[openvino]' in a copy of srcli's repository --force-reinstall"


@pytest.mark.parametrize("part", ["", "tpu", "0", "gpu.", "cpu.0", "cpu,gpu", "GPU"])
def test_unknown_parts(part):
    with pytest.raises(UsageError, match="unknown device") as caught:
        choose_device(f"openvino:{part}")
    assert caught.value.hint == "--device openvino[:cpu|gpu|npu]"


@installed
def test_a_device_that_is_not_there():
    if len(OPENVINO.parts()) > 1:
        pytest.skip("this machine has a GPU or an NPU of Intel")
    with pytest.raises(DeviceUnavailable, match="openvino:npu can't serve: OpenVINO finds cpu") as caught:
        choose_device("openvino:npu")
    assert "--device cpu" in caught.value.hint


@installed
def test_what_it_is(device):
    assert (device.name, device.provider, device.on_gpu) == ("openvino:cpu", "OpenVINO", False)
    assert device.kind.version().startswith("openvino 20")


@installed
@pytest.mark.parametrize(("name", "scale"), SHIPPED)
def test_full_precision_is_that_of_the_cpu(name, scale, device):
    model = default_store().find(name, scale)
    session, reference = (
        open_session(model.path, where, card=model.card) for where in (device, ort_session.CPU)
    )
    # Odd sides, where the generator takes such.
    multiple = session.traits.multiple
    batch = noise(1, 3, 61 * multiple, 43 * multiple)
    made, expected = session.run(batch), reference.run(batch)
    assert np.abs(made - expected).max() * 255 < 0.1


@installed
@pytest.mark.parametrize("name", ["channels_last", "wide_range", "fixed_size", "bytes_in_and_out", "grey"])
def test_every_kind_of_file(name, device, tmp_path):
    path = getattr(tiny_models, name)(tmp_path / f"{name}.onnx")
    session, reference = (open_session(path, where) for where in (device, ort_session.CPU))
    batch = noise(1, 3, *(session.traits.fixed_size or (37, 50)))
    assert session.traits == reference.traits
    np.testing.assert_allclose(session.run(batch), reference.run(batch), atol=1.01 / 255)


@installed
def test_brain_floats_are_coarse_but_no_other_picture(device):
    needs("bf16")
    model = default_store().find("plain", 2)
    batch = noise(1, 3, 61, 43)
    full, brain = (
        open_session(model.path, device, precision=precision, card=model.card).run(batch)
        for precision in ("fp32", "bf16")
    )
    off = np.abs(brain - full).max() * 255
    assert 0.1 < off < 16


@installed
def test_integers(device):
    needs("int8")
    model = default_store().find("plain", 2)
    path, batch = model.file_for("int8"), noise(1, 3, 61, 43)
    made, expected = (
        open_session(path, where, precision="int8", card=model.card).run(batch)
        for where in (device, ort_session.CPU)
    )
    # Integers round alike but for values that lie between two levels.
    assert np.mean(np.abs(made - expected) * 255 > 1) < 0.001


@installed
def test_auto_takes_it_for_brain_floats():
    needs("bf16")
    device = choose_device("auto", "bf16")
    assert device.name == "openvino:cpu"
    assert device.reason.endswith("computes in bf16")


@installed
def test_a_processor_without_brain_floats(monkeypatch):
    monkeypatch.setattr(openvino_session, "capabilities", lambda device: ("FP32", "INT8"))
    with pytest.raises(
        DeviceUnavailable, match=r"openvino:cpu has no bf16: .* computes in FP32, INT8"
    ) as caught:
        choose_device("openvino", "bf16")
    assert caught.value.hint == "--precision fp32"
    with pytest.raises(DeviceUnavailable, match="no device here computes in bf16"):
        choose_device("auto", "bf16")


@installed
def test_several_threads_at_once(device, tmp_path):
    session = open_session(tiny_models.deep(tmp_path / "deep.onnx"), device)
    batches = [noise(1, 3, 20 + index, 31) for index in range(8)]
    expected = [session.run(batch) for batch in batches]
    with ThreadPoolExecutor(4) as threads:
        for made, right in zip(threads.map(session.run, batches), expected, strict=True):
            np.testing.assert_array_equal(made, right)


@installed
def test_an_input_that_it_does_not_take(device, tmp_path):
    session = ort_session.create(tiny_models.fixed_size(tmp_path / "fixed.onnx"), device)
    with pytest.raises(UnsuitableModel, match=r"fails on an input of shape \(1, 3, 5, 5\): (?!Exception)"):
        ort_session.run(session, noise(1, 3, 5, 5))


@installed
def test_a_file_that_it_can_not_read(device, tmp_path):
    (tmp_path / "no.onnx").write_bytes(b"no model at all")
    with pytest.raises(
        DeviceUnavailable, match=r"openvino:cpu does not run no\.onnx: (?!Exception)"
    ) as caught:
        ort_session.create(tmp_path / "no.onnx", device)
    assert caught.value.hint == "--device cpu"


def test_memory_that_ran_out(monkeypatch):
    error = RuntimeError("Exception from src/x.cpp:1:\n[GPU] CL_OUT_OF_RESOURCES exception.\n")
    assert first_line(error) == "[GPU] CL_OUT_OF_RESOURCES exception."
    monkeypatch.setattr(openvino_session, "_options", lambda device, opening: {})

    def fail(*_):
        raise error

    monkeypatch.setattr(openvino_session, "_recall_or_compile", fail)
    with pytest.raises(OutOfMemory, match="not enough memory on cpu to load"):
        openvino_session.open_on_openvino("CPU", opening_of_nothing())


def opening_of_nothing():
    from pathlib import Path

    from srcli.engine.devices.kind import Opening

    return Opening("nothing.onnx", Path("nothing.onnx"), ort_session.CPU)


@installed
def test_what_was_compiled_is_kept(device, tmp_path, folder, compilations):
    path = tiny_models.deep(tmp_path / "deep.onnx")
    batch = noise(1, 3, 20, 31)
    first = ort_session.run(ort_session.create(path, device), batch)
    assert len(list(folder.iterdir())) == 1
    second = ort_session.create(path, device)
    np.testing.assert_array_equal(ort_session.run(second, batch), first)
    assert (len(compilations), ort_session.notes_of(second)) == (1, ())
    ort_session.create(path, device, threads=1)
    ort_session.create(tiny_models.deep(tmp_path / "other.onnx", seed=5), device)
    assert len(compilations) == 3


@installed
@pytest.mark.parametrize("whole", [True, False])
def test_a_damaged_entry_is_compiled_again(whole, device, tmp_path, folder, compilations):
    path = tiny_models.deep(tmp_path / "deep.onnx")
    batch = noise(1, 3, 20, 31)
    first = ort_session.run(ort_session.create(path, device), batch)
    (kept,) = folder.iterdir()
    if whole:
        # As it was written, but not by this version of OpenVINO.
        compiled.keep(kept.stem, b"something else")
    else:
        kept.write_bytes(kept.read_bytes()[:-100])
    np.testing.assert_array_equal(ort_session.run(ort_session.create(path, device), batch), first)
    assert len(compilations) == 2
    ort_session.create(path, device)
    assert len(compilations) == 2


KILLED = {
    "while it compiles": "openvino_session._compile = die",
    "before it is kept": "openvino_session.compiled.keep = die",
    "before it has its name": "Path.replace = die",
}


@installed
@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL on Windows")
@pytest.mark.parametrize("moment", KILLED)
def test_a_run_that_is_killed(moment, device, tmp_path, folder, compilations):
    path = tiny_models.deep(tmp_path / "deep.onnx")
    program = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from srcli.engine.runtimes import openvino_session\n"
        "from srcli.engine.inference import ort_session\n"
        "from srcli.engine.devices.registry import choose_device\n"
        "def die(*_): os.kill(os.getpid(), signal.SIGKILL)\n"
        f"{KILLED[moment]}\n"
        "ort_session.create(Path(sys.argv[1]), choose_device('openvino'))\n"
    )
    done = subprocess.run([sys.executable, "-c", program, str(path)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert list(folder.glob("*.compiled")) == []
    batch = noise(1, 3, 20, 31)
    expected = ort_session.run(ort_session.create(path, ort_session.CPU), batch)
    np.testing.assert_allclose(ort_session.run(ort_session.create(path, device), batch), expected, atol=1e-5)
    assert (len(compilations), len(list(folder.glob("*.compiled")))) == (1, 1)


@installed
def test_two_runs_at_once_keep_one_entry(device, tmp_path, folder):
    path = tiny_models.deep(tmp_path / "deep.onnx")
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from srcli.engine.inference import ort_session\n"
        "from srcli.engine.devices.registry import choose_device\n"
        "device = choose_device('openvino')\n"
        "sys.stdin.readline()\n"
        "sys.exit(len(ort_session.notes_of(ort_session.create(Path(sys.argv[1]), device))))\n"
    )
    command = [sys.executable, "-c", program, str(path)]
    both = [subprocess.Popen(command, stdin=subprocess.PIPE) for _ in range(2)]
    for each in both:
        each.stdin.write(b"now\n")
        each.stdin.close()
    assert [each.wait() for each in both] == [0, 0]
    assert len(list(folder.iterdir())) == 1
    batch = noise(1, 3, 20, 31)
    expected = ort_session.run(ort_session.create(path, ort_session.CPU), batch)
    np.testing.assert_allclose(ort_session.run(ort_session.create(path, device), batch), expected, atol=1e-5)


@installed
def test_a_folder_that_can_not_be_written_is_told(device, tmp_path, folder):
    folder.write_text("a file in its place")
    session = open_session(tiny_models.deep(tmp_path / "deep.onnx"), device)
    (note,) = session.notes
    assert note.startswith(f"{folder} can't keep what was compiled, each run does it again: ")
    assert session.run(noise(1, 3, 20, 31)).shape == (1, 3, 40, 62)


@installed
def test_weights_in_another_file_are_not_forgotten(device, tmp_path, folder):
    onnx = pytest.importorskip("onnx")
    path = tiny_models.deep(tmp_path / "deep.onnx")
    onnx.save(onnx.load(path), path, save_as_external_data=True, location="weights.bin", size_threshold=100)
    session = ort_session.create(path, device)
    assert not folder.exists()
    batch = noise(1, 3, 20, 31)
    expected = ort_session.run(ort_session.create(path, ort_session.CPU), batch)
    np.testing.assert_allclose(ort_session.run(session, batch), expected, atol=1e-5)


def test_nothing_of_it_is_loaded_unless_it_is_asked_for():
    program = (
        "import sys\n"
        "from srcli.engine.devices.registry import choose_device\n"
        "choose_device('auto'), choose_device('cpu')\n"
        "sys.exit(any(name.startswith(('openvino', 'onnxruntime_ep')) for name in sys.modules))\n"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
