#include "rag/answer/context_builder.h"

#include <algorithm>

#include "base/sha256.h"
#include "base/utf8.h"
#include "rag/chunk/chunker.h"

namespace caprock::rag {
namespace {

constexpr std::uint32_t kLabelTokens = 40;      // of an element's two tags with title and section
constexpr std::size_t kLongestAttribute = 200;  // code points
constexpr double kCovered = 0.8;                // of a passage by another of the same document

bool covered(const Passage& passage, std::span<const Passage> passages, std::span<const std::size_t> taken) {
  const stores::TextSpan span = passage.chunk.span;
  for (const std::size_t i : taken) {
    const Passage& other = passages[i];
    if (other.chunk.content == passage.chunk.content) return true;
    if (other.key.document != passage.key.document || other.key.version != passage.key.version) continue;
    const auto start = std::max(span.start, other.chunk.span.start);
    const auto end = std::min(span.end, other.chunk.span.end);
    if (end > start && end - start >= kCovered * (span.end - span.start)) return true;
  }
  return false;
}

/// A name that no passage can contain by plan, for it depends on all of them, and does not contain by chance.
std::string unforgeable_tag(std::span<const Passage> passages) {
  std::string all;
  for (const Passage& passage : passages)
    all += passage.title + '\0' + passage.chunk.context + '\0' + passage.chunk.content + '\0';
  for (int salt = 0;; ++salt) {
    const std::string tag = "passage-" + base::sha256_hex(all + std::to_string(salt)).substr(0, 8);
    if (all.find(tag) == std::string::npos) return tag;
  }
}

std::string attribute(std::string_view name, std::string_view value) {
  std::string plain;
  for (const char c : base::slice_code_points(value, 0, kLongestAttribute)) {
    const bool special = c == '"' || c == '<' || c == '>' || static_cast<unsigned char>(c) < 0x20;
    plain += special ? ' ' : c;
  }
  return plain.empty() ? plain : " " + std::string(name) + "=\"" + plain + "\"";
}

std::string element(const std::string& tag, std::size_t ref, const Passage& passage,
                    std::string_view content) {
  std::string out = "<" + tag + " ref=\"" + std::to_string(ref) + "\"" + attribute("title", passage.title);
  if (passage.chunk.page) out += attribute("page", std::to_string(*passage.chunk.page));
  out += attribute("section", passage.chunk.section) + ">\n";
  out += content;
  return out + "\n</" + tag + ">\n";
}

/// As much of the beginning as fits, to a word.
std::string_view fitting(std::string_view text, std::uint32_t tokens) {
  if (estimate_tokens(text) <= tokens) return text;
  std::size_t low = 0;
  std::size_t high = text.size();
  while (high - low > 1) {
    const std::size_t middle = (low + high) / 2;
    (estimate_tokens(text.substr(0, middle)) <= tokens ? low : high) = middle;
  }
  const std::size_t space = text.substr(0, low).find_last_of(" \n");
  if (space != std::string_view::npos) return text.substr(0, space);
  while (low > 0 && (static_cast<unsigned char>(text[low]) & 0xC0U) == 0x80U) --low;
  return text.substr(0, low);
}

/// 1 3 5 … 4 2.
std::vector<std::size_t> best_at_the_ends(std::size_t count) {
  std::vector<std::size_t> order;
  for (std::size_t ref = 1; ref <= count; ref += 2) order.push_back(ref);
  for (std::size_t ref = count - count % 2; ref >= 2; ref -= 2) order.push_back(ref);
  return order;
}

}  // namespace

PromptContext build_context(std::span<const Passage> passages, std::uint32_t token_budget) {
  PromptContext out{.tag = unforgeable_tag(passages)};
  std::vector<std::string> elements;
  for (std::size_t i = 0; i < passages.size(); ++i) {
    if (covered(passages[i], passages, out.refs)) continue;
    std::string_view content = passages[i].chunk.content;
    std::uint32_t tokens = estimate_tokens(content) + kLabelTokens;
    if (out.tokens + tokens > token_budget) {
      if (!out.refs.empty()) break;
      content = fitting(content, token_budget > kLabelTokens ? token_budget - kLabelTokens : 1);
      tokens = token_budget;
    }
    out.refs.push_back(i);
    out.tokens += tokens;
    elements.push_back(element(out.tag, out.refs.size(), passages[i], content));
  }
  for (const std::size_t ref : best_at_the_ends(elements.size())) out.text += elements[ref - 1];
  return out;
}

}  // namespace caprock::rag
