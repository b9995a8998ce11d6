"""Pages as one file that is PDF/A-3a and PDF/UA-1 and carries its own data. For the worker only.

WeasyPrint and pikepdf are imported inside the functions, so that a web process never loads them. While a
report is printed nothing is fetched but the style sheet and the fonts of this program.

Source: Indicators 5 (evaluation).
"""

from __future__ import annotations

import io
import logging
import re
import warnings
from base64 import a85encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import unquote, urlsplit
from zlib import compress

from django.conf import settings
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string

from hat_clinic.core.collector import no_search_for_circles
from outcomes.rules.evaluation.charts import draw_charts
from outcomes.rules.evaluation.figures import Figures
from outcomes.rules.evaluation.indicators import Indicator
from outcomes.rules.evaluation.pages.blocks import Chart, Control, Page, found_of
from outcomes.rules.evaluation.words import short_day

STYLE_SHEET = "report/report.css"
FONTS = "fonts/public-sans"
CHARTS = "chart"
_SHARE = re.compile(r'<col class="share-([0-9]+)"')
PRINT = 4  # the annotation flag that lets a link be printed
# PDF/A asks that a property it does not know is described beside its value.
UA_METADATA = b"""
<rdf:Description xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
    xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" rdf:about="" pdfuaid:part="1"/>
<rdf:Description xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
    xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
    xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"
    xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#" rdf:about="">
  <pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
    <pdfaSchema:schema>PDF/UA Universal Accessibility Schema</pdfaSchema:schema>
    <pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
    <pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
    <pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
      <pdfaProperty:name>part</pdfaProperty:name>
      <pdfaProperty:valueType>Integer</pdfaProperty:valueType>
      <pdfaProperty:category>internal</pdfaProperty:category>
      <pdfaProperty:description>The part of ISO 14289 that the file keeps to</pdfaProperty:description>
    </rdf:li></rdf:Seq></pdfaSchema:property>
  </rdf:li></rdf:Bag></pdfaExtension:schemas>
</rdf:Description>
"""


class FetchRefused(ValueError):
    """Something on a page asked for a file that reports may not read. The report is not made."""


@dataclass(frozen=True, slots=True)
class DrawnChart:
    """A chart block with its drawing, as the template prints it."""

    name: str
    finding: str
    svg: str
    kind: str = field(default="chart", init=False)

    @property
    def address(self) -> str:
        """Under which the printed report asks for it."""
        return f"{CHARTS}:{self.name}"


@no_search_for_circles()
def render_pdf(
    *,
    control: Control,
    title: str,
    pages: Sequence[dict[str, Any]],
    files: Mapping[str, tuple[str, str]],
) -> bytes:
    """The whole report as one file; `files` maps a name to its content and what it holds, to be attached.

    `pages` are those of printable_pages. Raises FetchRefused when a page asks for anything but this program's own
    style sheet and fonts.
    """
    html = render_to_string(
        "outcomes/report/report.html",
        {
            "title": title,
            "control": control,
            "as_of": short_day(control.as_of),
            "created": control.built_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+00:00"),
            "stylesheet": static_file(STYLE_SHEET).as_uri(),
            "pages": pages,
            "is_printed": True,
        },
    )
    identifier = bytes.fromhex(control.extract_sha256)[:16]
    charts = {
        block.address: block.svg
        for page in pages
        for block in page["blocks"]
        if isinstance(block, DrawnChart)
    }
    content = print_html(
        html, identifier=identifier, at=control.built_at, files=files, charts=charts, widths=_widths(html)
    )
    return _with_both_standards(content)


@no_search_for_circles()
def printable_pages(
    pages: Sequence[Page], figures: Figures, indicators: Sequence[Indicator]
) -> list[dict[str, Any]]:
    """The pages as the templates print them, every chart drawn."""
    findings = {
        block.name: block.finding for page in pages for block in page.blocks if isinstance(block, Chart)
    }
    charts = draw_charts(figures, found_of(indicators), findings, static_file(FONTS))
    return [_printable(page, charts) for page in pages]


def plain_pages(pages: Sequence[Page]) -> list[dict[str, Any]]:
    """Pages without a chart, as the templates print them."""
    return [_printable(page, {}) for page in pages]


def _printable(page: Page, charts: Mapping[str, str]) -> dict[str, Any]:
    blocks = [
        DrawnChart(block.name, block.finding, charts[block.name]) if isinstance(block, Chart) else block
        for block in page.blocks
    ]
    return {"key": page.key, "running": page.running, "heading": page.heading, "blocks": blocks}


def _widths(html: str) -> str:
    """The widths of the columns that a page names by their thousandths."""
    shares = sorted({int(share) for share in _SHARE.findall(html)})
    return "".join(f".share-{share}{{width:{share / 10}%}}" for share in shares)


def print_html(
    html: str,
    *,
    identifier: bytes,
    at: datetime,
    files: Mapping[str, tuple[str, str]],
    charts: Mapping[str, str] = MappingProxyType({}),
    widths: str = "",
) -> bytes:
    """A page as PDF/A-3a with files attached; `widths` is a style sheet of the widths of its columns.

    Raises FetchRefused at any address but our own style and fonts and those of `charts`, each with its drawing. A
    drawing that stands in the page itself would cost the style of every line of it.
    """
    from weasyprint import CSS, HTML, Attachment
    from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

    allowed = (static_file(STYLE_SHEET), *sorted(static_file(FONTS).glob("*.ttf")))

    class OwnFilesOnly(URLFetcher):  # type: ignore[misc]  # WeasyPrint ships no types
        """Answers with this program's style sheet, fonts and charts, and stops the report at anything else."""

        def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:
            if url in charts:
                return URLFetcherResponse(url, charts[url].encode(), {"Content-Type": "image/svg+xml"})
            address = urlsplit(url)
            path = Path(unquote(address.path))
            if address.scheme != "file" or address.netloc or path not in allowed:
                raise FatalURLFetchingError(f"a report may not read {address.scheme}: addresses")
            kind = "text/css" if path.suffix == ".css" else "font/ttf"
            return URLFetcherResponse(url, path.read_bytes(), {"Content-Type": kind})

    # It warns of every style that charts carry as attributes too; what goes wrong it logs as an error.
    logging.getLogger("weasyprint").setLevel(logging.ERROR)
    document = HTML(string=html, url_fetcher=OwnFilesOnly())
    attachments = [
        Attachment(
            string=text.encode(), name=name, description=what, created=at, modified=at, relationship="Data"
        )
        for name, (text, what) in files.items()
    ]
    try:
        with warnings.catch_warnings():
            # It opens its colour profile and leaves closing to the collector.
            warnings.simplefilter("ignore", ResourceWarning)
            content: bytes = document.write_pdf(
                pdf_variant="pdf/a-3a",
                pdf_identifier=identifier,
                attachments=attachments,
                stylesheets=[CSS(string=widths)],
                uncompressed_pdf=True,
            )
    except FatalURLFetchingError as error:
        raise FetchRefused(str(error)) from error
    return content


def _with_both_standards(content: bytes) -> bytes:
    """What WeasyPrint leaves out: header scopes, printable links, the mark of PDF/UA, plain metadata."""
    import pikepdf

    with pikepdf.open(io.BytesIO(content)) as pdf:
        for item in pdf.objects:
            if isinstance(item, pikepdf.Stream):
                _pack(item)
            if not isinstance(item, pikepdf.Dictionary):
                continue
            if item.get("/Type") == "/StructElem" and item.get("/S") == "/TH":
                in_head = item.P.P.get("/S") == "/THead"
                scope = pikepdf.Name.Column if in_head else pikepdf.Name.Row
                item.A = pikepdf.Dictionary(O=pikepdf.Name.Table, Scope=scope)
            if item.get("/Subtype") == "/Link":
                item.F = PRINT
        described = pdf.Root.Metadata.read_bytes().replace(b"</rdf:RDF>", UA_METADATA + b"</rdf:RDF>")
        pdf.Root.Metadata = pdf.make_stream(described, Type=pikepdf.Name.Metadata, Subtype=pikepdf.Name.XML)
        buffer = io.BytesIO()
        # The metadata stay as they are: programs that only look for them find them uncompressed.
        pdf.save(
            buffer,
            compress_streams=False,
            object_stream_mode=pikepdf.ObjectStreamMode.disable,
            deterministic_id=True,
        )
    return buffer.getvalue()


def _pack(stream: Any) -> None:
    """Compress a stream that is not, in the fastest way, which costs a fifth of the usual one for a little more room.

    One that happens to end with a carriage return is written as letters: such a byte and the line feed before
    `endstream` read as one line end, and a program that measures the stream then counts one byte less than it says of
    itself.
    """
    import pikepdf

    content, filters = stream.read_raw_bytes(), stream.stream_dict.get("/Filter", [])
    filters = [filters] if isinstance(filters, pikepdf.Name) else list(filters)
    is_new = not filters
    if is_new:
        content, filters = compress(content, level=1), [pikepdf.Name.FlateDecode]
    if is_new or content.endswith(b"\r"):
        if content.endswith(b"\r"):
            content, filters = a85encode(content) + b"~>", [pikepdf.Name.ASCII85Decode, *filters]
        stream.write(content, filter=pikepdf.Array(filters))


def static_file(name: str) -> Path:
    """Where a file of this program's own looks lies."""
    found = finders.find(name)
    if found is None:
        found = str(Path(settings.STATIC_ROOT) / name)
    return Path(str(found)).resolve()
