#include "rag/answer/citations.h"

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <optional>
#include <utility>

#include "base/utf8.h"
#include "rag/answer/page_place.h"
#include "rag/answer/quote_finder.h"

namespace caprock::rag {
namespace {

namespace json = boost::json;

constexpr std::size_t kMostQuotes = 32;  // of one answer; more is not quoting but copying

std::uint32_t ref_of(const json::value& value) {
  if (const auto* number = value.if_int64())
    return *number > 0 && *number <= 0xFFFF ? static_cast<std::uint32_t>(*number) : 0;
  if (const auto* text = value.if_string()) {
    std::uint32_t ref = 0;
    std::string_view digits(text->data(), text->size());
    while (!digits.empty() && digits.front() == '[') digits.remove_prefix(1);
    std::from_chars(digits.data(), digits.data() + digits.size(), ref);
    return ref;
  }
  return 0;
}

std::optional<Citation> cited(const Passage& passage, const SourceText& source, std::string_view quote) {
  const auto found = find_quote(source.text, quote);
  if (!found) return std::nullopt;
  const std::string_view text = source.text;
  const std::string_view exact = text.substr(found->start, found->end - found->start);
  const auto start =
      source.start + static_cast<std::uint32_t>(base::count_code_points(text.substr(0, found->start)));
  const auto length = static_cast<std::uint32_t>(base::count_code_points(exact));
  Citation citation{.chunk = passage.key,
                    .quote = std::string(exact),
                    .source_span = {start, start + length},
                    .title = passage.title,
                    .source = passage.source,
                    .page = {},
                    .boxes = {}};
  place_on_page(citation, passage.chunk);
  return citation;
}

base::Awaitable<base::Result<SourceText>> with_neighbours(const base::RequestContext& context,
                                                          stores::ChunkStore& chunks, std::string collection,
                                                          const Passage& passage) {
  std::vector<stores::ChunkKey> keys;
  const std::uint32_t index = passage.key.index;
  for (std::uint32_t i = index > 0 ? index - 1 : 0; i <= index + 1; ++i) {
    keys.push_back({.document = passage.key.document, .version = passage.key.version, .index = i});
  }
  stores::CollectionKey key{.tenant = context.principal.tenant, .collection = std::move(collection)};
  auto records = co_await chunks.get(context, std::move(key), std::move(keys));
  if (!records) co_return base::failure(std::move(records).error());
  std::vector<stores::Chunk> parts;
  for (stores::ChunkRecord& record : *records) parts.push_back(std::move(record.chunk));
  co_return join_chunks(parts);
}

base::Awaitable<base::Result<std::optional<Citation>>> locate(const base::RequestContext& context,
                                                              stores::ChunkStore& chunks,
                                                              std::string collection, const Passage& passage,
                                                              const std::string& quote) {
  auto found = cited(passage, {.text = passage.chunk.content, .start = passage.chunk.span.start}, quote);
  if (found) co_return found;
  auto wider = co_await with_neighbours(context, chunks, std::move(collection), passage);
  if (!wider) co_return base::failure(std::move(wider).error());
  co_return cited(passage, *wider, quote);
}

}  // namespace

std::vector<ClaimedQuote> read_quotes(std::string_view text) {
  std::vector<ClaimedQuote> quotes;
  boost::system::error_code failed;
  json::parse_options options;
  options.max_depth = 16;
  const json::value value = json::parse(text, failed, {}, options);
  if (failed || !value.is_array()) return quotes;
  for (const json::value& item : value.get_array()) {
    const json::object* object = item.if_object();
    if (object == nullptr || quotes.size() == kMostQuotes) continue;
    const json::value* ref = object->if_contains("ref");
    const json::value* quote = object->if_contains("quote");
    if (ref == nullptr || quote == nullptr || !quote->is_string()) continue;
    const json::string& words = quote->get_string();
    quotes.push_back({.ref = ref_of(*ref), .quote = std::string(words.data(), words.size())});
  }
  return quotes;
}

base::Awaitable<base::Result<CheckedQuotes>> check_quotes(const base::RequestContext& context,
                                                          stores::ChunkStore& chunks, std::string collection,
                                                          const std::vector<ClaimedQuote>& quotes,
                                                          const PromptContext& prompt,
                                                          std::span<const Passage> passages) {
  CheckedQuotes out;
  for (const ClaimedQuote& claimed : quotes) {
    if (claimed.ref == 0 || claimed.ref > prompt.refs.size()) {
      ++out.dropped;
      continue;
    }
    const Passage& passage = passages[prompt.refs[claimed.ref - 1]];
    auto citation = co_await locate(context, chunks, collection, passage, claimed.quote);
    if (!citation) co_return base::failure(std::move(citation).error());
    if (!*citation) {
      ++out.dropped;
      continue;
    }
    (*citation)->number = static_cast<std::uint32_t>(out.citations.size()) + 1;
    out.numbers[claimed.ref].push_back((*citation)->number);
    out.citations.push_back(std::move(**citation));
  }
  co_return out;
}

}  // namespace caprock::rag
