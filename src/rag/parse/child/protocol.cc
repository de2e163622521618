#include "rag/parse/child/protocol.h"

#include <bit>
#include <cmath>
#include <cstdint>

#include "base/utf8.h"

namespace caprock::rag {
namespace {

constexpr std::string_view kMagic = "CRP1";
constexpr std::string_view kEnd = "END.";
enum class Tag : std::uint8_t { kDocument = 1, kError = 2 };

class Writer {
 public:
  void number(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7U) out_ += static_cast<char>(static_cast<unsigned char>(value | 0x80U));
    out_ += static_cast<char>(static_cast<unsigned char>(value));
  }
  void text(std::string_view text) {
    number(text.size());
    out_ += text;
  }
  void raw(std::string_view bytes) { out_ += bytes; }
  void coordinate(float value) {
    auto bits = std::bit_cast<std::uint32_t>(value);
    for (int i = 0; i < 4; ++i, bits >>= 8U) out_ += static_cast<char>(static_cast<unsigned char>(bits));
  }
  std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}
  bool ok() const { return ok_; }
  bool at_end() const { return rest_.empty(); }
  void fail() { ok_ = false; }

  std::uint64_t number(std::uint64_t most) {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 63; shift += 7) {
      if (rest_.empty()) break;
      const auto byte = static_cast<unsigned char>(rest_.front());
      rest_.remove_prefix(1);
      value |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
      if ((byte & 0x80U) != 0) continue;
      if (value > most) break;
      return value;
    }
    ok_ = false;
    return 0;
  }
  std::uint32_t small(std::uint64_t most = UINT32_MAX) { return static_cast<std::uint32_t>(number(most)); }

  std::string_view raw(std::size_t size) {
    if (size > rest_.size()) {
      ok_ = false;
      return {};
    }
    const std::string_view bytes = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return bytes;
  }
  std::string text() {
    const std::string_view bytes = raw(number(rest_.size()));
    ok_ = ok_ && base::is_valid_utf8(bytes);
    return std::string(bytes);
  }
  float coordinate() {
    std::uint32_t bits = 0;
    const std::string_view bytes = raw(4);
    for (std::size_t i = 0; i < bytes.size(); ++i)
      bits |= static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
    const auto value = std::bit_cast<float>(bits);
    ok_ = ok_ && std::isfinite(value);
    return value;
  }
  /// A count of things that each take `least` bytes or more: never more than the bytes that are left.
  std::size_t count(std::size_t least) { return number(rest_.size() / least); }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

void write_line(Writer& out, const Block::Line& line, std::uint32_t origin) {
  out.number(line.span.start - origin);
  out.number(line.span.end - line.span.start);
  out.number(line.page);
  for (const float value : {line.box.x0, line.box.y0, line.box.x1, line.box.y1}) out.coordinate(value);
}

// Spans go as distances; section and table header only when they differ from the block before.
void write_block(Writer& out, const Block& block, const Block* before, std::uint32_t origin) {
  out.number(static_cast<std::uint64_t>(block.kind));
  out.number(block.level);
  out.number(block.span.start - origin);
  out.number(block.span.end - block.span.start);
  out.number(block.page.value_or(0));
  for (const auto member : {&Block::section, &Block::table_header}) {
    const bool same = before != nullptr && before->*member == block.*member;
    out.number(same ? 1 : 0);
    if (!same) out.text(block.*member);
  }
  out.number(block.lines.size());
  for (const Block::Line& line : block.lines) write_line(out, line, block.span.start);
}

Block::Line read_line(Reader& in, const Block& block) {
  Block::Line line;
  const std::uint32_t length = block.span.end - block.span.start;
  const std::uint32_t start = in.small(length);
  line.span.start = block.span.start + start;
  line.span.end = line.span.start + in.small(length - start);
  line.page = in.small();
  for (const auto member :
       {&stores::PageBox::x0, &stores::PageBox::y0, &stores::PageBox::x1, &stores::PageBox::y1})
    line.box.*member = in.coordinate();
  return line;
}

Block read_block(Reader& in, const Block* before, std::uint32_t origin, std::uint32_t points) {
  Block block;
  block.kind = static_cast<Block::Kind>(in.small(static_cast<std::uint64_t>(Block::Kind::kCode)));
  block.level = static_cast<std::uint8_t>(in.small(6));
  block.span.start = origin + in.small(points - origin);
  block.span.end = block.span.start + in.small(points - block.span.start);
  if (const std::uint32_t page = in.small(); page > 0) block.page = page;
  for (const auto member : {&Block::section, &Block::table_header}) {
    const bool same = in.small(1) == 1;
    if (same && before == nullptr) in.fail();
    if (in.ok()) block.*member = same ? before->*member : in.text();
  }
  const std::size_t lines = in.count(19);
  for (std::size_t i = 0; i < lines && in.ok(); ++i) block.lines.push_back(read_line(in, block));
  return block;
}

base::Error read_error(Reader& in) {
  base::Error error;
  error.kind =
      static_cast<base::ErrorKind>(in.small(static_cast<std::uint64_t>(base::ErrorKind::kOutOfSpace)));
  error.message = in.text();
  error.field = in.text();
  error.detail = in.text();
  return error;
}

ParsedDocument read_document(Reader& in) {
  ParsedDocument document;
  document.title = in.text();
  document.format = in.text();
  document.text = in.text();
  document.pages = in.small();
  const auto points = static_cast<std::uint32_t>(base::count_code_points(document.text));
  const std::size_t blocks = in.count(8);
  std::uint32_t origin = 0;
  for (std::size_t i = 0; i < blocks && in.ok(); ++i) {
    Block block = read_block(in, document.blocks.empty() ? nullptr : &document.blocks.back(), origin, points);
    origin = block.span.end;
    document.blocks.push_back(std::move(block));
  }
  return document;
}

base::Error garbled() { return base::internal_error("the parser's answer is garbled"); }

}  // namespace

std::string encode_outcome(const base::Result<ParsedDocument>& outcome) {
  Writer out;
  out.raw(kMagic);
  if (!outcome) {
    out.number(static_cast<std::uint64_t>(Tag::kError));
    out.number(static_cast<std::uint64_t>(outcome.error().kind));
    for (const std::string* text :
         {&outcome.error().message, &outcome.error().field, &outcome.error().detail})
      out.text(base::repair_utf8(*text));
  } else {
    out.number(static_cast<std::uint64_t>(Tag::kDocument));
    for (const std::string* text : {&outcome->title, &outcome->format, &outcome->text}) out.text(*text);
    out.number(outcome->pages);
    out.number(outcome->blocks.size());
    const Block* before = nullptr;
    for (const Block& block : outcome->blocks) {
      write_block(out, block, before, before == nullptr ? 0 : before->span.end);
      before = &block;
    }
  }
  out.raw(kEnd);
  return out.take();
}

base::Result<ParsedDocument> decode_outcome(std::string_view bytes) {
  Reader in(bytes);
  if (in.raw(kMagic.size()) != kMagic) return base::failure(garbled());
  const std::uint32_t tag_number = in.small(2);
  if (tag_number == 0) return base::failure(garbled());
  const auto tag = static_cast<Tag>(tag_number);
  ParsedDocument document;
  base::Error error;
  if (tag == Tag::kDocument)
    document = read_document(in);
  else
    error = read_error(in);
  if (!in.ok() || in.raw(kEnd.size()) != kEnd || !in.at_end()) return base::failure(garbled());
  if (tag == Tag::kDocument) return document;
  return base::failure(std::move(error));
}

}  // namespace caprock::rag
