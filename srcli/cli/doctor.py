"""``srcli doctor``: what srcli can use on this machine, and what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from srcli.cli.options import DebugOption, JsonOption
from srcli.cli.output import emit_json, stdout

if TYPE_CHECKING:
    from collections.abc import Iterator

    from srcli.pipeline.doctor import DeviceFacts, Examination

_BROKEN = 3
"""Exit code where something is broken, that of the errors about the machine."""
_GIBIBYTE = 2**30
_INTEGERS = {
    True: "dot products in hardware: --precision int8 is up to 3 times as fast as fp32",
    False: "no dot products in hardware: --precision int8 is about 1.5 times as fast",
    None: "unknown",
}


def doctor(json: JsonOption = False, debug: DebugOption = False) -> int:
    """Examine this machine: libraries, devices, generators, and a self-test of each device.

    Exits with 0 where srcli can run on the CPU and nothing is broken, else with 3.
    """
    from srcli.pipeline.doctor import examine

    found = examine()
    if json:
        emit_json(found.to_json())
    else:
        _print(found)
    return _BROKEN if found.troubles else 0


def _print(found: Examination) -> None:
    """The examination, a line for each thing, then what is broken."""
    console = stdout()
    rows = list(_rows(found))
    width = max(len(name) for name, _ in rows) + 2
    for name, value in rows:
        console.print(f"{name:<{width}}{value}", markup=False)
    for trouble in found.troubles:
        console.print(f"\nbroken: {trouble.message}\nhint: {trouble.hint}", markup=False)
    if not found.troubles:
        console.print("\nhealthy: srcli can run on this machine", markup=False)


def _rows(found: Examination) -> Iterator[tuple[str, str]]:
    """Names and values of what was found, in the order of the tale."""
    yield "srcli", found.srcli
    yield "python", found.python
    yield "system", found.system
    yield "processor", found.processor
    for default in found.defaults:
        yield f"default {default.option}", f"{default.value} ({default.origin})"
    yield "cores", str(found.cores)
    yield "8-bit integers", _INTEGERS[found.dot_product]
    yield "memory", f"{found.memory_bytes / _GIBIBYTE:.1f} GiB available"
    yield from ((name.lower(), value) for name, value in found.libraries.items())
    yield "codecs", ", ".join(name if there else f"{name} missing" for name, there in found.codecs.items())
    yield from _runtime_rows(found)
    for device in found.devices:
        yield device.name, _device_text(device)
    for model in found.models:
        yield f"{model.name} x{model.scale}", model.problem or "sha256 ok"


def _runtime_rows(found: Examination) -> Iterator[tuple[str, str]]:
    """Onnxruntime and what it needs for CUDA."""
    if found.runtime is not None:
        built = f", built for CUDA {found.runtime.cuda}" if found.runtime.cuda else ", built without CUDA"
        yield "onnxruntime", found.runtime.version + built
        yield "wheels", ", ".join(f"{wheel.name} {wheel.version}" for wheel in found.runtime.wheels)
        yield "providers", ", ".join(found.runtime.providers)
    if found.gpu is not None:
        yield "nvidia driver", found.gpu.driver
        for library in found.gpu.libraries:
            yield library.name, "found" if library.found else "missing"


def _device_text(device: DeviceFacts) -> str:
    """Whether a device serves, and how its self-test went."""
    untried = "" if device.tested else "; no device of this kind was tried yet"
    if not device.usable:
        return f"not usable: {device.reason} ({device.hint}){untried}"
    usable = f"usable: {device.reason}; {', '.join(device.precisions)}{untried}"
    if device.difference_levels is None:
        return usable
    verdict = "passed" if device.passed else "failed"
    return f"{usable}; self-test {verdict}, largest difference {device.difference_levels:.4f}/255"
