"""Fetches the look's third-party files, strips what may not be served from here, and writes them to static/.

Run by hand when a version below is raised, never by the demo, the tests or a build:

    python tools/vendor_frontend.py

It needs `npm` (only `npm pack`, which downloads a package and runs none of its code). A package whose SHA-256
differs from the one written here is refused and nothing is written.

What is stripped, and why:

* the @font-face rules of Frutiger, a typeface this project has no right to; Public Sans takes its place;
* every remote address in the style sheet, so that a treatment room without internet looks the same;
* every NHS logo, favicon and share picture: they are trade marks and this is no NHS website;
* source map comments, which would point at files that are not here.
"""

import hashlib
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

STATIC = Path(__file__).resolve().parent.parent / "static"
LICENCES = Path(__file__).resolve().parent / "licences"
FONT_WEIGHTS = ("Regular", "SemiBold", "Bold", "ExtraBold", "Italic")


@dataclass(frozen=True)
class Package:
    """One npm package at one version, with the SHA-256 of its archive and what is done to it."""

    name: str
    version: str
    licence: str
    sha256: str
    changes: str


NHSUK = Package(
    name="nhsuk-frontend",
    version="10.6.1",
    licence="MIT",
    sha256="1af037bcb75237c4208809d3ac9a06522ccf61b2268221268ead3985bceb060b",
    changes="compiled style sheet and module script only. Stripped: Frutiger @font-face rules, remote "
    "addresses, logos, icons of the website, source maps. The font family reads Public Sans; the four glyphs "
    "that the style sheet draws lie beside it.",
)
HTMX = Package(
    name="htmx.org",
    version="2.0.11",
    licence="0BSD",
    sha256="165a2655073e9e6e55e307a7c74e8ebcdb76afb7701f9c16cfd106a13add408e",
    changes="the one minified file, unchanged.",
)
USWDS = Package(
    name="@uswds/uswds",
    version="3.14.0",
    licence="SIL OFL 1.1 (the Public Sans files)",
    sha256="da91c65e6fc736fa397f0daf6ca2c2c95711506d85c7ad2537a4570725401e1c",
    changes="only the Public Sans files, unchanged: woff2 for pages, TrueType for charts and PDF.",
)


class VendoringRefused(Exception):
    """The archive is not the one this script was checked with, or still holds something it must not."""


def fetch(package: Package, folder: Path) -> Path:
    """Downloads and unpacks one package into `folder`; returns the folder with its files.

    Raises VendoringRefused if the archive's SHA-256 is not the recorded one.
    """
    target = folder / package.name.replace("/", "-").strip("@")
    target.mkdir()
    command = [
        "npm",
        "pack",
        f"{package.name}@{package.version}",
        "--silent",
        "--pack-destination",
        str(target),
    ]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    archive = next(target.glob("*.tgz"))
    found = hashlib.sha256(archive.read_bytes()).hexdigest()
    if found != package.sha256:
        raise VendoringRefused(
            f"{package.name} {package.version}: SHA-256 {found} is not the recorded one. Nothing was "
            "written. Look at what changed, then record the new sum in this file."
        )
    with tarfile.open(archive) as opened:
        opened.extractall(target, filter="data")
    return target / "package"


def stripped_style_sheet(css: str) -> str:
    """The style sheet without Frutiger, remote addresses and source map; glyph addresses become relative."""
    css = re.sub(r"@font-face\s*\{[^}]*\}", "", css)
    css = re.sub(r'"?Frutiger W01"?', '"Public Sans"', css)
    css = re.sub(r"/\*#\s*sourceMappingURL=.*?\*/", "", css)
    css = re.sub(r"/assets/images/", "images/", css)
    leftover = re.search(r"frutiger|url\(\s*[\"']?(?:https?:)?//|@import", css, re.IGNORECASE)
    if leftover:
        raise VendoringRefused(f"the style sheet still holds {leftover.group()!r}. Nothing was written.")
    return css.strip() + "\n"


def stripped_script(script: str) -> str:
    """The module script without its source map comment."""
    return re.sub(r"//# sourceMappingURL=.*", "", script).strip() + "\n"


def write_nhsuk(source: Path) -> None:
    """Writes NHS.UK frontend's style sheet, script and the glyphs the style sheet names."""
    distribution = source / "dist" / "nhsuk"
    css = stripped_style_sheet((distribution / "nhsuk-frontend.min.css").read_text())
    target = emptied(STATIC / "vendor" / f"nhsuk-frontend-{NHSUK.version}")
    (target / "nhsuk-frontend.min.css").write_text(css)
    script = stripped_script((distribution / "nhsuk-frontend.min.js").read_text())
    (target / "nhsuk-frontend.min.js").write_text(script)
    (target / "images").mkdir()
    for name in sorted(set(re.findall(r"images/([\w-]+\.svg)", css))):
        shutil.copyfile(distribution / "assets" / "images" / name, target / "images" / name)
    shutil.copyfile(LICENCES / "nhsuk-frontend.txt", target / "LICENCE.txt")


def write_htmx(source: Path) -> None:
    """Writes htmx's one file and its licence."""
    target = emptied(STATIC / "vendor" / f"htmx-{HTMX.version}")
    shutil.copyfile(source / "dist" / "htmx.min.js", target / "htmx.min.js")
    shutil.copyfile(source / "LICENSE", target / "LICENCE.txt")


def write_fonts(source: Path) -> None:
    """Writes Public Sans for pages (woff2) and for charts and PDF (TrueType), with its licence."""
    fonts = source / "dist" / "fonts" / "public-sans"
    target = emptied(STATIC / "fonts" / "public-sans")
    for weight in FONT_WEIGHTS:
        for ending in ("woff2", "ttf"):
            shutil.copyfile(fonts / f"PublicSans-{weight}.{ending}", target / f"PublicSans-{weight}.{ending}")
    shutil.copyfile(LICENCES / "public-sans.txt", target / "OFL.txt")


def emptied(folder: Path) -> Path:
    """The folder, new and empty, so that no file of an older version stays behind."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def write_list() -> None:
    """Writes static/vendor/VENDORED.md, the list of what came from elsewhere."""
    lines = [
        "# Files from elsewhere",
        "",
        "Written by `tools/vendor_frontend.py`. Do not edit the files by hand.",
        "",
    ]
    for package, folder in (
        (NHSUK, f"static/vendor/nhsuk-frontend-{NHSUK.version}/"),
        (HTMX, f"static/vendor/htmx-{HTMX.version}/"),
        (USWDS, "static/fonts/public-sans/"),
    ):
        lines += [
            f"## {package.name} {package.version}",
            "",
            f"* Folder: `{folder}`",
            f"* Licence: {package.licence}",
            f"* SHA-256 of the npm archive: `{package.sha256}`",
            f"* Taken and changed: {package.changes}",
            "",
        ]
    (STATIC / "vendor" / "VENDORED.md").write_text("\n".join(lines[:-1]) + "\n")


def main() -> int:
    """Fetches all three packages before the first file is written."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        try:
            nhsuk, htmx, uswds = (fetch(package, folder) for package in (NHSUK, HTMX, USWDS))
            write_nhsuk(nhsuk)
            write_htmx(htmx)
            write_fonts(uswds)
            write_list()
        except (VendoringRefused, subprocess.CalledProcessError) as problem:
            sys.stderr.write(f"Vendoring stopped: {problem}\n")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
