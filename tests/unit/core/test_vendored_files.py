"""What lies in static/: nothing from another address, no typeface or mark that is not ours to use."""

import re
from pathlib import Path

import pytest

from hat_clinic.core.templatetags.look import STYLE_SHEETS

ROOT = Path(__file__).resolve().parents[3]
STATIC = ROOT / "static"
TEXTS = sorted(path for path in STATIC.rglob("*") if path.suffix in {".css", ".js", ".svg", ".html"})
SHEETS = sorted(STATIC.rglob("*.css"))


def contrast(one, other):
    """Contrast ratio of two #rrggbb colours by the WCAG formula."""

    def luminance(colour):
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


# The sheets of what is printed as a PDF, which links them itself.
ON_PAPER = {"hat/sheet.css", "hat/register-sheet.css", "hat/downtime-pack.css", "hat/export.css"}


class TestStaticFiles:
    @pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
    def test_fetch_nothing_from_another_address(self, path):
        text = path.read_text()

        assert not re.search(r"""url\(\s*["']?(?:https?:)?//""", text)
        assert not re.search(r"@import|sourceMappingURL", text)
        assert not re.search(r"""(?:import|from)\s*\(?\s*["'](?:https?:)?//""", text)

    @pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
    def test_do_not_name_frutiger(self, path):
        assert "frutiger" not in path.read_text().lower()

    def test_hold_no_logo_and_no_website_icon(self):
        names = [path.name.lower() for path in STATIC.rglob("*") if path.is_file()]

        forbidden = [
            name for name in names if re.search(r"logo|favicon|opengraph|nhsuk-icon-(mask|\d+)", name)
        ]

        assert forbidden == []

    @pytest.mark.parametrize("path", SHEETS, ids=lambda path: path.name)
    def test_name_only_files_that_are_there(self, path):
        for address in re.findall(r"""url\(\s*["']?([^"')]+)""", path.read_text()):
            assert address.startswith("data:") or (path.parent / address).is_file(), address

    def test_carry_the_licence_of_each_thing_from_elsewhere(self):
        listed = (STATIC / "vendor" / "VENDORED.md").read_text()
        folders = [
            *(path for path in (STATIC / "vendor").iterdir() if path.is_dir()),
            STATIC / "fonts/public-sans",
        ]

        for folder in folders:
            assert (folder / "LICENCE.txt").is_file() or (folder / "OFL.txt").is_file()
            assert f"`static/{folder.relative_to(STATIC).as_posix()}/`" in listed


class TestStyleSheets:
    def test_are_all_linked_and_all_there(self):
        ours = {f"hat/{path.name}" for path in (STATIC / "hat").glob("*.css")} - ON_PAPER

        assert {path for path in STYLE_SHEETS if path.startswith("hat/")} == ours
        assert all((STATIC / path).is_file() for path in STYLE_SHEETS)

    def test_give_letters_their_size_in_rem(self):
        paper = {"hat/print.css", *ON_PAPER}
        screen = [path for path in (STATIC / "hat").glob("*.css") if f"hat/{path.name}" not in paper]

        in_pixels = [
            path.name for path in screen if re.search(r"font-size:\s*[\d.]+(px|pt)", path.read_text())
        ]

        assert in_pixels == []

    @pytest.mark.parametrize(
        ("role", "ground", "least"),
        [
            ("text", "paper", 14), ("text", "page", 12.9), ("second", "page", 5.7), ("link", "page", 5.7),
            ("paper", "main", 5), ("passed", "paper", 8.3), ("hold", "page", 6.3),
            ("paper", "emergency", 9.7), ("text", "act", 11.7), ("text", "know", 13),
            ("control-edge", "page", 5.7), ("tile-edge", "page", 3.3),
        ],
    )  # fmt: skip
    def test_keep_the_contrast_of_each_colour_role(self, role, ground, least):
        roles = (STATIC / "hat" / "roles.css").read_text()
        colours = dict(re.findall(r"--hat-([\w-]+): (#[0-9a-f]{3,6});", roles))
        colours["paper"] = "#ffffff"

        assert contrast(colours[role], colours[ground]) >= least
