"""Good documents, made here, and damaged copies of them: the same ones for the same seed."""
import io
import random
import zipfile
import zlib

WORDS = "The keeper of the lighthouse wrote down the height of the tide, the wind and every ship that passed.".split()
WORD_SPACE = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def sentences(rng, count):
    return [" ".join(rng.choices(WORDS, k=12)) + "." for _ in range(count)]


def pdf(rng, pages=3):
    """With compressed streams, as most have them."""
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", "", "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]
    kids = []
    for _ in range(pages):
        text = "".join(f"BT /F1 10 Tf 72 {720 - 14 * i} Td ({line}) Tj ET\n" for i, line in enumerate(sentences(rng, 30)))
        stream = zlib.compress(text.encode())
        objects.append(f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources << /Font << /F1 3 0 R >> >> /Contents {len(objects) + 2} 0 R >>")
        kids.append(f"{len(objects)} 0 R")
        objects.append(b"<< /Length %d /Filter /FlateDecode >>\nstream\n" % len(stream) + stream + b"\nendstream")
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {pages} >>"
    out, places = b"%PDF-1.5\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n" % number + (body if isinstance(body, bytes) else body.encode()) + b"\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    return out + f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}trailer << /Root 1 0 R /Size {len(objects) + 1} >>\nstartxref\n{len(out)}\n%%EOF\n".encode()


def packed(parts):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in parts.items():
            archive.writestr(name, body)
    return out.getvalue()


def docx_parts(rng):
    paragraphs = "".join(f"<w:p><w:pPr><w:pStyle w:val='Heading1'/></w:pPr><w:r><w:t>{line}</w:t></w:r></w:p>" for line in sentences(rng, 20))
    table = "<w:tbl>" + "".join(f"<w:tr><w:tc><w:p><w:r><w:t>{line}</w:t></w:r></w:p></w:tc></w:tr>" for line in sentences(rng, 5)) + "</w:tbl>"
    return {"[Content_Types].xml": "<Types/>",
            "word/styles.xml": "<w:styles xmlns:w='x'><w:style w:type='paragraph' w:styleId='Heading1'><w:name w:val='heading 1'/></w:style></w:styles>",
            "word/document.xml": f"<?xml version='1.0'?><w:document xmlns:w='{WORD_SPACE}'><w:body>{paragraphs}{table}</w:body></w:document>"}


def xlsx_parts(rng):
    strings = "".join(f"<si><t>{line}</t></si>" for line in sentences(rng, 20))
    rows = "".join(f"<row r='{r}'><c r='A{r}' t='s'><v>{r - 1}</v></c><c r='B{r}'><v>{r}.5</v></c></row>" for r in range(1, 21))
    return {"[Content_Types].xml": "<Types/>",
            "xl/workbook.xml": "<workbook xmlns:r='r'><sheets><sheet name='Tides' sheetId='1' r:id='rId1'/></sheets></workbook>",
            "xl/_rels/workbook.xml.rels": "<Relationships><Relationship Id='rId1' Target='worksheets/sheet1.xml'/></Relationships>",
            "xl/sharedStrings.xml": f"<sst>{strings}</sst>",
            "xl/worksheets/sheet1.xml": f"<worksheet><sheetData>{rows}</sheetData></worksheet>"}


def html(rng):
    body = "".join(f"<h2>{line}</h2><p>{line} <a href='x'>more</a></p><table><tr><td>{line}</td></tr></table>" for line in sentences(rng, 10))
    return f"<!doctype html><html><head><title>Tides</title><script>var a = '<';</script></head><body>{body}</body></html>".encode()


def damaged(rng, data):
    """Changed, removed, doubled and inserted bytes, huge numbers, or an early end."""
    data = bytearray(data)
    for _ in range(rng.randint(1, 12)):
        at = rng.randrange(len(data) or 1)
        match rng.randrange(7):
            case 0: data[at:at + 1] = bytes([rng.randrange(256)])
            case 1: del data[at:at + rng.randrange(1, 60)]
            case 2:
                piece = rng.randrange(len(data) or 1)
                data[at:at] = data[piece:piece + rng.randrange(200)]
            case 3: data[at:at] = bytes([rng.randrange(256)]) * rng.randrange(9)
            case 4: data[at:at] = rng.choice([b"4294967295", b"-1", b"999999999999999999999", b"<<", b">>", b"]]>", b"<w:p>" * 300, b"<div>" * 300, b"\xff\xfe"])
            case 5: data[at:at + 4] = b"\xff\xff\xff\x7f"
            case _:
                if rng.random() < 0.2:
                    del data[at:]
    return bytes(data)


def damaged_package(rng, parts):
    """Half of them in the bytes of the archive, half inside, where a valid archive leads to broken XML."""
    if rng.random() < 0.5:
        return damaged(rng, packed(parts))
    name = rng.choice([n for n in parts if n != "[Content_Types].xml"])
    return packed(parts | {name: damaged(rng, parts[name].encode())})


def bombs():
    """Small files that would unpack to gigabytes, or nest without end."""
    yield "bomb.docx", packed({"[Content_Types].xml": "<Types/>", "word/document.xml": b"<w:p>" + b" " * 300_000_000})
    yield "deep.docx", packed({"[Content_Types].xml": "<Types/>", "word/document.xml": b"<w:p>" * 2_000_000})
    yield "wide.xlsx", packed({name: body for name, body in xlsx_parts(random.Random(0)).items()} |
                              {"xl/worksheets/sheet1.xml": "<worksheet><sheetData>" + "<row r='1048576'><c r='XFD1048576'><v>1</v></c></row>" * 50_000 + "</sheetData></worksheet>"})
    yield "deep.html", b"<html><body>" + b"<div><b><table>" * 300_000


def mutants(seed, others=()):
    """(name, bytes) of 200 damaged documents. `others`: real PDFs to damage besides the made ones."""
    rng = random.Random(seed)
    pdfs = [pdf(rng), *others]
    for number in range(80):
        yield f"m{number}.pdf", damaged(rng, pdfs[number % len(pdfs)])
    for number in range(50):
        yield f"m{number}.docx", damaged_package(rng, docx_parts(rng))
    for number in range(30):
        yield f"m{number}.xlsx", damaged_package(rng, xlsx_parts(rng))
    for number in range(36):
        yield f"m{number}.html", damaged(rng, html(rng))
    yield from bombs()
