"""Small real documents of every format, made where they are needed."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import docx
import openpyxl
import pptx
from pptx.util import Inches


@dataclass(frozen=True)
class Typeset:
    """A line on a page of a PDF: where it stands, in points from the left and the foot, and how large it is."""

    text: str
    x: float = 72
    y: float = 700
    size: float = 11


def pdf(pages: Sequence[Sequence[Typeset]], *, pictured: Sequence[int] = (), title: str = "") -> bytes:
    """A PDF with these lines on its pages; those whose number is `pictured` show a picture instead."""
    objects: dict[int, bytes] = {
        1: b"<< /Type /Catalog /Pages 2 0 R >>",
        3: b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        4: b"<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H "
        b"/DescendantFonts [5 0 R] >>",
        5: b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /DW 1000 /FontDescriptor 6 0 R "
        b"/CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 2 >> >>",
        6: b"<< /Type /FontDescriptor /FontName /STSong-Light /Flags 4 /FontBBox [-25 -254 1000 880] /ItalicAngle 0 "
        b"/Ascent 880 /Descent -120 /CapHeight 880 /StemV 93 >>",
        7: b"<< /Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8 "
        b"/Length 1 >>\nstream\n\x80\nendstream",
        8: b"<< /Title (" + title.encode("latin-1") + b") >>",
    }
    kids = []
    for number, lines in enumerate(pages, 1):
        page, content = 7 + 2 * number, 8 + 2 * number
        kids.append(b"%d 0 R" % page)
        drawn = b"q 400 0 0 600 72 100 cm /Picture Do Q" if number in pictured else b"\n".join(map(_drawn, lines))
        objects[page] = (
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R /Resources "
            b"<< /Font << /Latin 3 0 R /Chinese 4 0 R >> /XObject << /Picture 7 0 R >> >> >>" % content
        )
        objects[content] = b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawn), drawn)
    objects[2] = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (b" ".join(kids), len(kids))
    return _file(objects)


def _drawn(line: Typeset) -> bytes:
    place = b"BT /%s %g Tf %g %g Td " % (b"Latin" if line.text.isascii() else b"Chinese", line.size, line.x, line.y)
    if line.text.isascii():
        escaped = line.text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
        return place + b"(" + escaped.encode("latin-1") + b") Tj ET"
    return place + b"<" + line.text.encode("utf-16-be").hex().encode() + b"> Tj ET"


def _file(objects: dict[int, bytes]) -> bytes:
    written = b"%PDF-1.5\n"
    places = {}
    for number in sorted(objects):
        places[number] = len(written)
        written += b"%d 0 obj\n%s\nendobj\n" % (number, objects[number])
    table = len(written)
    written += b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1)
    written += b"".join(b"%010d 00000 n \n" % places[number] for number in sorted(places))
    trailer = b"trailer\n<< /Size %d /Root 1 0 R /Info 8 0 R >>\nstartxref\n%d\n%%%%EOF\n"
    return written + trailer % (len(places) + 1, table)


def paragraph(text: str, *, top: float, width: int = 80, size: float = 11, x: float = 72) -> list[Typeset]:
    """A text wrapped as a page would wrap it, from `top` downwards."""
    lines: list[str] = [""]
    for word in text.split(" ") if text.isascii() else text:
        gap = " " if lines[-1] and text.isascii() else ""
        if len(lines[-1] + gap + word) > width:
            lines.append(word)
        else:
            lines[-1] += gap + word
    return [Typeset(line, x, top - at * size * 1.3, size) for at, line in enumerate(lines)]


def word(path: Path) -> None:
    """A DOCX with a title, headings, a list and a table."""
    document = docx.Document()
    document.add_heading("Win-back plan", 0)
    document.add_heading("When to write", 1)
    document.add_paragraph("Write on day 30. Write again on day 60.")
    document.add_paragraph("a reminder", style="List Bullet")
    document.add_paragraph("a coupon", style="List Bullet")
    document.add_heading("What to offer", 2)
    table = document.add_table(rows=0, cols=2)
    for row in (("Stage", "Action"), ("Silent", "Reminder"), ("Lapsed", "10 % coupon")):
        cells = table.add_row().cells
        cells[0].text, cells[1].text = row
    document.add_heading("挽回沉默用户", 1)
    document.add_paragraph("沉默满三十天即可发送提醒。")
    document.save(str(path))


def slides(path: Path) -> None:
    presentation = pptx.Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[0])
    slide.shapes.title.text = "618 in review"
    slide.placeholders[1].text = "Growth team"
    slide = presentation.slides.add_slide(presentation.slide_layouts[1])
    slide.shapes.title.text = "What worked"
    slide.placeholders[1].text = "Coupons for silent customers\nA live stream on day one"
    slide.notes_slide.notes_text_frame.text = "The coupons paid back in nine days."
    table = slide.shapes.add_table(2, 2, Inches(1), Inches(5), Inches(4), Inches(1)).table
    for at, row in enumerate((("Channel", "Net sales"), ("App", "1.2M"))):
        for place, cell in enumerate(row):
            table.cell(at, place).text = cell
    presentation.slides.add_slide(presentation.slide_layouts[5]).shapes.title.text = "Thank you"
    presentation.save(str(path))


def workbook(path: Path, sheets: dict[str, Sequence[Sequence[object]]]) -> None:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    book.save(path)


def archive(parts: dict[str, bytes]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, content in parts.items():
            opened.writestr(name, content)
    return written.getvalue()
