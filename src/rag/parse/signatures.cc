#include "rag/parse/signatures.h"

#include <algorithm>
#include <array>

#include "rag/parse/formats.h"

namespace caprock::rag {
namespace {

using namespace std::string_view_literals;

struct Magic {
  std::size_t offset;
  std::string_view bytes;
  std::string_view what;
};

// https://www.iana.org/assignments/media-types and the formats' own specifications.
constexpr std::array kForeign{
    Magic{0, "\x89PNG\r\n\x1A\n"sv, "a PNG image"},
    Magic{0, "\xFF\xD8\xFF"sv, "a JPEG image"},
    Magic{0, "GIF8"sv, "a GIF image"},
    Magic{8, "WEBP"sv, "a WebP image"},
    Magic{0, "II*\0"sv, "a TIFF image"},
    Magic{0, "MM\0*"sv, "a TIFF image"},
    Magic{4, "ftypheic"sv, "a HEIC image"},
    Magic{4, "ftypavif"sv, "an AVIF image"},
    Magic{4, "ftyp"sv, "an MP4 video or audio file"},
    Magic{8, "WAVE"sv, "a WAV audio file"},
    Magic{8, "AVI "sv, "an AVI video"},
    Magic{0, "\x1A\x45\xDF\xA3"sv, "a Matroska or WebM video"},
    Magic{0, "ID3"sv, "an MP3 audio file"},
    Magic{0, "\xFF\xFB"sv, "an MP3 audio file"},
    Magic{0, "OggS"sv, "an Ogg audio or video file"},
    Magic{0, "fLaC"sv, "a FLAC audio file"},
    Magic{0, "\x1F\x8B"sv, "a gzip archive"},
    Magic{0, "BZh"sv, "a bzip2 archive"},
    Magic{0,
          "\xFD"
          "7zXZ\0"sv,
          "an xz archive"},
    Magic{0, "(\xB5/\xFD"sv, "a Zstandard archive"},
    Magic{0, "7z\xBC\xAF\x27\x1C"sv, "a 7-Zip archive"},
    Magic{0, "Rar!\x1A\x07"sv, "a RAR archive"},
    Magic{257, "ustar"sv, "a tar archive"},
    Magic{0,
          "\x7F"
          "ELF"sv,
          "a Linux program"},
    Magic{0, "\xCF\xFA\xED\xFE"sv, "a macOS program"},
    Magic{0, "\xCA\xFE\xBA\xBE"sv, "a Java class or macOS program"},
    Magic{0, "\0asm"sv, "a WebAssembly module"},
    Magic{0, "SQLite format 3\0"sv, "an SQLite database"},
    Magic{0, "PAR1"sv, "a Parquet file"},
    Magic{0, "{\\rtf"sv, "a Rich Text Format (.rtf) document"},
    Magic{0, "%!PS"sv, "a PostScript file"},
    Magic{0, "AT&TFORM"sv, "a DjVu document"},
    Magic{0, "wOFF"sv, "a web font"},
    Magic{0, "wOF2"sv, "a web font"},
    Magic{0, "\0\0\1\0"sv, "an icon"},
};

constexpr std::string_view kSaveAs = "save it as PDF, .docx or plain text";

bool has_at(std::string_view bytes, std::size_t offset, std::string_view magic) {
  return bytes.size() >= offset && bytes.substr(offset).starts_with(magic);
}

bool contains(std::string_view bytes, std::string_view what) {
  return bytes.find(what) != std::string_view::npos;
}

// Entry names stand in the clear in local headers and in the central directory at the end: looked for there,
// without believing any length field of the archive.
Signature zip_signature(std::string_view bytes) {
  constexpr std::size_t kEnd = 256UL << 10;
  const std::string_view head = bytes.substr(0, kEnd);
  const std::string_view tail = bytes.substr(bytes.size() > kEnd ? bytes.size() - kEnd : 0);
  const auto has = [&](std::string_view name) { return contains(tail, name) || contains(head, name); };
  if (has("[Content_Types].xml")) {
    if (has("word/document.xml")) return {mime::kDocx, "a Word document"};
    if (has("xl/workbook.xml")) return {mime::kXlsx, "an Excel workbook"};
    if (has("xl/workbook.bin")) return {{}, "a binary Excel workbook (.xlsb)", "save it as .xlsx"};
    if (has("ppt/presentation.xml")) return {{}, "a PowerPoint presentation", "export it as PDF"};
    if (has("word/")) return {mime::kDocx, "a Word document"};
  }
  if (contains(head, "mimetypeapplication/vnd.oasis.opendocument"))
    return {{}, "an OpenDocument file", kSaveAs};
  if (contains(head, "mimetypeapplication/epub+zip")) return {{}, "an EPUB book", kSaveAs};
  if (has("META-INF/MANIFEST.MF")) return {{}, "a Java archive"};
  return {{}, "a ZIP archive", "unpack it and add the files inside"};
}

// OLE compound files: their directory has UTF-16 names. [MS-CFB], [MS-OFFCRYPTO] 2.3.
Signature ole_signature(std::string_view bytes) {
  if (contains(bytes, "E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e\0"sv))
    return {{}, "a password-protected Office document", "remove the password and add it again"};
  if (contains(bytes, "W\0o\0r\0d\0D\0o\0c\0u\0m\0e\0n\0t\0"sv))
    return {{}, "a Word 97–2003 document (.doc)", "save it as .docx or PDF"};
  if (contains(bytes, "W\0o\0r\0k\0b\0o\0o\0k\0"sv))
    return {{}, "an Excel 97–2003 workbook (.xls)", "save it as .xlsx or CSV"};
  if (contains(bytes, "P\0o\0w\0e\0r\0P\0o\0i\0n\0t\0"sv))
    return {{}, "a PowerPoint 97–2003 presentation (.ppt)", "export it as PDF"};
  return {{}, "an old Office or Outlook file", kSaveAs};
}

}  // namespace

Signature find_signature(std::string_view bytes) {
  // Readers accept a PDF header within the first 1024 bytes (ISO 32000-1, annex H.3.4.1).
  if (contains(bytes.substr(0, 1024), "%PDF-")) return {mime::kPdf, "a PDF"};
  if (bytes.starts_with("PK\3\4") || bytes.starts_with("PK\5\6")) return zip_signature(bytes);
  if (bytes.starts_with("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1")) return ole_signature(bytes);
  if (bytes.size() > 64 && bytes.starts_with("MZ") && bytes.find('\0') < 64) return {{}, "a Windows program"};
  if (bytes.size() > 14 && bytes.starts_with("BM") && bytes.substr(6, 4) == "\0\0\0\0"sv)
    return {{}, "a BMP image"};
  const auto* found =
      std::ranges::find_if(kForeign, [&](const Magic& m) { return has_at(bytes, m.offset, m.bytes); });
  if (found == kForeign.end()) return {};
  return {{}, found->what, found->what.ends_with("document") ? kSaveAs : std::string_view{}};
}

}  // namespace caprock::rag
