#include <algorithm>
#include <string>
#include <vector>

#include "rag/parse/builder.h"
#include "rag/parse/formats.h"
#include "rag/parse/sniff.h"
#include "rag/parse/table.h"

namespace caprock::rag {
namespace {

using Record = std::vector<std::string>;

// RFC 4180, and what programs write besides: other delimiters, quotes in the middle of a field, a missing
// last quote.
class CsvReader {
 public:
  CsvReader(std::string_view text, char delimiter) : text_(text), delimiter_(delimiter) {}

  bool next(Record& record) {
    record.clear();
    if (at_ >= text_.size()) return false;
    for (;;) {
      record.push_back(field());
      if (at_ >= text_.size()) return true;
      const char end = text_[at_++];
      if (end == '\n') return true;
      if (at_ == text_.size()) {  // a delimiter as the very last character: one more, empty field
        record.emplace_back();
        return true;
      }
    }
  }

 private:
  std::string field() {
    std::string value;
    if (at_ < text_.size() && text_[at_] == '"') quoted(value);
    const std::size_t end = std::min(text_.find_first_of(stops_, at_), text_.size());
    value += text_.substr(at_, end - at_);
    at_ = end;
    return value;
  }

  void quoted(std::string& value) {
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] != '"') {
        value += text_[at_];
      } else if (at_ + 1 < text_.size() && text_[at_ + 1] == '"') {
        value += text_[++at_];
      } else {
        ++at_;
        return;
      }
    }
  }

  std::string_view text_;
  char delimiter_;
  std::string stops_{delimiter_, '\n'};
  std::size_t at_ = 0;
};

}  // namespace

base::Result<ParsedDocument> parse_csv(const FormatInput& input) {
  const char sniffed = sniff_delimiter(input.bytes, true);
  CsvReader reader(input.bytes, sniffed == '\0' ? ',' : sniffed);
  DocumentBuilder builder(mime::kCsv);
  TableWriter table(builder);
  for (Record record; reader.next(record);) {
    table.add(record);
    if (builder.bytes() > input.max_text) return base::failure(text_too_large(input.max_text));
  }
  table.finish();
  return builder.finish();
}

}  // namespace caprock::rag
