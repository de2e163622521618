#include <algorithm>
#include <array>
#include <cctype>
#include <string>
#include <string_view>

#include "rag/parse/formats.h"
#include "rag/parse/parser.h"
#include "rag/parse/signatures.h"
#include "rag/parse/sniff.h"
#include "rag/parse/text/encoding.h"
#include "rag/parse/text/is_one_of.h"

namespace caprock::rag {
namespace {

using base::ErrorKind;

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

std::string bare_type(std::string_view declared) {
  std::string type = lower(declared.substr(0, declared.find(';')));
  std::erase_if(type, [](unsigned char c) { return std::isspace(c) != 0; });
  return type;
}

// Types that say nothing: what clients send when they do not know.
bool says_nothing(std::string_view type) {
  constexpr std::array<std::string_view, 5> kVague{"", "application/octet-stream", "binary/octet-stream",
                                                   "application/x-www-form-urlencoded",
                                                   "application/unknown"};
  return is_one_of(kVague, type) || type == "*/*";
}

// Other names of the types read here.
std::string_view canonical(std::string_view type) {
  struct Alias {
    std::string_view from;
    std::string_view to;
  };
  constexpr std::array kAliases{
      Alias{"text/x-markdown", mime::kMarkdown},
      Alias{"text/md", mime::kMarkdown},
      Alias{"application/xhtml+xml", mime::kHtml},
      Alias{"application/x-pdf", mime::kPdf},
      Alias{"application/csv", mime::kCsv},
      Alias{"text/x-csv", mime::kCsv},
      Alias{"application/jsonl", mime::kJsonLines},
      Alias{"application/json-lines", mime::kJsonLines},
      Alias{"application/x-jsonlines", mime::kJsonLines},
      Alias{"application/jsonlines", mime::kJsonLines},
      Alias{"application/ndjson", mime::kJsonLines},
      Alias{"text/tsv", mime::kTsv},
  };
  const auto* found = std::ranges::find(kAliases, type, &Alias::from);
  return found == kAliases.end() ? type : found->to;
}

// A type whose content is text of some kind, whether or not its structure is known here.
bool is_textual(std::string_view type) {
  constexpr std::array<std::string_view, 10> kTexts{
      "application/json",  "application/xml",        "application/yaml", "application/x-yaml",
      "application/toml",  "application/javascript", "application/sql",  "application/x-sh",
      "application/x-tex", "message/rfc822"};
  const Format* format = find_format(type);
  if (format != nullptr) return format->is_text || type == mime::kHtml;
  return type.starts_with("text/") || type.ends_with("+json") ||
         (type.ends_with("+xml") && !type.starts_with("image/")) || is_one_of(kTexts, type);
}

std::string_view type_of_name(std::string_view file_name) {
  const std::size_t dot = file_name.rfind('.');
  if (dot == std::string_view::npos) return {};
  const std::string extension = lower(file_name.substr(dot));
  for (const Format& format : formats()) {
    std::string_view rest = format.extensions;
    while (!rest.empty()) {
      const std::size_t space = std::min(rest.find(' '), rest.size());
      if (rest.substr(0, space) == extension) return format.type;
      rest.remove_prefix(std::min(space + 1, rest.size()));
    }
  }
  return {};
}

base::Error unsupported(std::string what, std::string_view advice = {}) {
  std::string message = "the document is " + std::move(what) + ", which is not read here";
  if (!advice.empty()) message += "; " + std::string(advice);
  return base::Error(ErrorKind::kUnsupportedMediaType, message + ". Read are: " + readable_formats() + ".")
      .with_field("content_type");
}

base::Error mismatch(std::string_view declared, std::string_view found) {
  return base::Error(ErrorKind::kUnsupportedMediaType,
                     "the document is declared as " + std::string(declared) + " but is " +
                         std::string(found) + "; send it with its true content type, or with none")
      .with_field("content_type");
}

// Between texts the declared type decides, then the name, then the structure.
std::string_view choose_text_type(std::string_view text, std::string_view declared,
                                  std::string_view file_name) {
  const std::string_view named = type_of_name(file_name);
  std::string_view wish = find_format(declared) != nullptr && declared != mime::kText ? declared : named;
  if (find_format(wish) == nullptr || !is_textual(wish)) wish = {};
  if (wish == mime::kHtml || wish == mime::kMarkdown || wish == mime::kJsonLines) return wish;
  if (wish == mime::kCsv || wish == mime::kTsv) return wish;
  if (looks_like_html(text)) return mime::kHtml;
  if (wish == mime::kText) return mime::kText;
  if (looks_like_json_lines(text)) return mime::kJsonLines;
  if (declared == mime::kText || !declared.empty()) return mime::kText;
  if (looks_like_markdown(text)) return mime::kMarkdown;
  if (const char d = sniff_delimiter(text, false); d != '\0') return d == '\t' ? mime::kTsv : mime::kCsv;
  return mime::kText;
}

}  // namespace

base::Result<std::string> detect_type(const ParseRequest& request) {
  if (request.bytes.empty())
    return base::failure(base::invalid_argument("content", "the document is empty (0 bytes)"));
  std::string declared = bare_type(request.declared_type);
  if (says_nothing(declared)) declared.clear();
  declared = canonical(declared);

  const Signature signature = find_signature(request.bytes);
  if (!signature.what.empty()) {
    if (signature.type.empty())
      return base::failure(unsupported(std::string(signature.what), signature.advice));
    if (declared.empty() || declared == signature.type) return std::string(signature.type);
    return base::failure(mismatch(declared, signature.what));
  }
  if (looks_binary(request.bytes))
    return base::failure(unsupported(declared.empty() ? "binary data of an unknown kind"
                                                      : "binary data, not " + declared + " as declared"));
  if (!declared.empty() && !is_textual(declared)) {
    if (find_format(declared) != nullptr) return base::failure(mismatch(declared, "plain text or markup"));
    return base::failure(unsupported("declared as " + declared));
  }
  const std::string start =
      decode_text(std::string_view(request.bytes).substr(0, 64UL << 10), charset_of(request.declared_type));
  return std::string(choose_text_type(start, declared, request.file_name));
}

}  // namespace caprock::rag
