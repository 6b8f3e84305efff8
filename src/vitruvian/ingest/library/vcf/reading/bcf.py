"""BCF read as VCF, through bcftools where it is installed."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from dataclasses import replace
from typing import BinaryIO, cast

from vitruvian.ingest.engine.adapter import Source
from vitruvian.ingest.errors import Malformed, SourceBroken

BCF_MAGIC = b"BCF\x02"
_CHUNK = 1 << 20


class NoBcftools(SourceBroken):
    """The binary form of VCF is read by bcftools, which is not installed."""

    code = "no-bcftools"

    def __init__(self) -> None:
        super().__init__(
            "BCF is read through bcftools, which is not installed here",
            expected="bcftools on the path, or VCF",
            remedy="Install bcftools, or convert it with bcftools view; nothing was loaded.",
        )


def as_text(source: Source) -> Source:
    """The same source as VCF text.

    Raises
    ------
    NoBcftools
        When bcftools is not installed.
    Malformed
        When bcftools cannot read it.
    """
    tool = shutil.which("bcftools")
    if tool is None:
        raise NoBcftools

    def text() -> BinaryIO:
        return _converted(source, tool)

    return replace(source, open=text)


def _converted(source: Source, tool: str) -> BinaryIO:
    unpacked = cast("BinaryIO", tempfile.TemporaryFile())  # noqa: SIM115  given to the caller
    with tempfile.TemporaryFile() as packed, source.open() as stream:
        while chunk := stream.read(_CHUNK):
            packed.write(chunk)
        packed.seek(0)
        done = subprocess.run(  # noqa: S603  the tool's own path, no word of the source
            [tool, "view", "--no-version", "-Ov"],
            stdin=packed,
            stdout=unpacked,
            stderr=subprocess.DEVNULL,
            check=False,
        )
    if done.returncode != 0:
        unpacked.close()
        raise Malformed("BCF", "bcftools cannot read it")
    unpacked.seek(0)
    return unpacked
