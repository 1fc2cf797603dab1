"""The font that pictures are set in. Without one that has Chinese, labels must fall back to English."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path

import vl_convert

# (family, file name) in order of preference.
_FAMILIES = (
    ("Noto Sans CJK SC", "NotoSansCJK-Regular.ttc"),
    ("Noto Sans CJK SC", "NotoSansCJKsc-Regular.otf"),
    ("Noto Sans SC", "NotoSansSC-Regular.otf"),
    ("Source Han Sans SC", "SourceHanSansSC-Regular.otf"),
    ("WenQuanYi Micro Hei", "wqy-microhei.ttc"),
    ("WenQuanYi Zen Hei", "wqy-zenhei.ttc"),
    ("PingFang SC", "PingFang.ttc"),
    ("Microsoft YaHei", "msyh.ttc"),
    ("SimHei", "SimHei.ttf"),
)
_FOLDERS = (
    Path("/usr/share/fonts"),
    Path("/usr/local/share/fonts"),
    Path("/Library/Fonts"),
    Path("/System/Library/Fonts"),
    Path("C:/Windows/Fonts"),
)


@cache
def cjk_font() -> str | None:
    """The family of a font with Chinese, made known to vl-convert; None where there is none.

    Found in the system's font folders, else in the package `mplfonts` (which carries Noto Sans CJK).
    Fonts are registered once for the process, since vl-convert keeps them so.
    """
    for folder in (*_FOLDERS, _packaged()):
        if folder is None or not folder.is_dir():
            continue
        files = {path.name: path for path in folder.rglob("*") if path.suffix in (".ttc", ".ttf", ".otf")}
        for family, name in _FAMILIES:
            if name in files:
                vl_convert.register_font_directory(str(files[name].parent))
                return family
    return None


def _packaged() -> Path | None:
    # Found, not imported: the import would bring matplotlib.
    found = find_spec("mplfonts")
    return Path(found.origin).parent / "fonts" if found and found.origin else None
