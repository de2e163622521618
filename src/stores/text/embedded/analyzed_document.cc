#include "stores/text/embedded/analyzed_document.h"

#include <algorithm>
#include <boost/unordered/unordered_flat_map.hpp>

#include "stores/text/embedded/analyzer.h"
#include "stores/text/embedded/bm25.h"
#include "stores/text/embedded/codec.h"

namespace caprock::stores::text {
namespace {

using TermIds = std::vector<std::uint32_t>;
constexpr std::size_t kMinOverlap = 2;  ///< terms; a single equal one at a seam is chance

/// The length of the longest end of `before` that `after` begins with (the prefix function of Knuth, Morris,
/// Pratt).
std::size_t overlap(const TermIds& before, const TermIds& after) {
  std::vector<std::size_t> border(after.size(), 0);
  for (std::size_t i = 1; i < after.size(); ++i) {
    std::size_t length = border[i - 1];
    while (length > 0 && after[i] != after[length]) length = border[length - 1];
    border[i] = length + (after[i] == after[length] ? 1 : 0);
  }
  std::size_t matched = 0;
  if (after.empty()) return 0;
  const std::size_t skip = before.size() > after.size() ? before.size() - after.size() : 0;
  for (std::size_t i = skip; i < before.size(); ++i) {
    if (matched == after.size()) matched = border[matched - 1];
    while (matched > 0 && before[i] != after[matched]) matched = border[matched - 1];
    if (before[i] == after[matched]) ++matched;
  }
  return matched >= kMinOverlap ? matched : 0;
}

/// Numbers terms, and collects (term, passage) counts in order of passages.
class Builder {
 public:
  TermIds ids(std::string_view text) {
    terms_.clear();
    analyze(text, terms_);
    TermIds ids;
    ids.reserve(terms_.size());
    for (std::size_t i = 0; i < terms_.size(); ++i) ids.push_back(id(terms_[i]));
    return ids;
  }

  void count(const TermIds& ids, std::size_t begin, std::size_t end, std::uint32_t weight, bool repeated) {
    for (std::size_t i = begin; i < end; ++i) {
      Posting& posting = current_[ids[i]];
      if (posting.frequency == 0) touched_.push_back(ids[i]);
      const auto sum =
          static_cast<std::uint16_t>(std::min<std::uint32_t>(posting.frequency + weight, UINT16_MAX));
      if (repeated)
        posting.repeated = static_cast<std::uint16_t>(posting.repeated + (sum - posting.frequency));
      posting.frequency = sum;
    }
  }

  void end_chunk(std::uint32_t chunk) {
    for (const std::uint32_t term : touched_) {
      current_[term].chunk = chunk;
      found_.push_back({term, current_[term]});
      ++totals_[term];
      current_[term] = {};
    }
    touched_.clear();
  }

  void finish(AnalyzedDocument& out) && {
    out.names = std::move(names_);
    out.terms.resize(totals_.size());
    std::uint32_t at = 0;
    for (std::size_t term = 0; term < totals_.size(); ++term) {
      out.terms[term] = {name_ends_[term], name_ends_[term + 1], at, at};
      at += totals_[term];
    }
    out.postings.resize(found_.size());
    for (const Found& found : found_) out.postings[out.terms[found.term].postings_end++] = found.posting;
  }

 private:
  struct Found {
    std::uint32_t term;
    Posting posting;
  };
  std::uint32_t id(std::string_view term) {
    if (const auto known = numbers_.find(term); known != numbers_.end()) return known->second;
    const auto fresh = static_cast<std::uint32_t>(totals_.size());
    numbers_.emplace(std::string(term), fresh);
    names_ += term;
    name_ends_.push_back(static_cast<std::uint32_t>(names_.size()));
    totals_.push_back(0);
    current_.emplace_back();
    return fresh;
  }

  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  TermList terms_;
  boost::unordered_flat_map<std::string, std::uint32_t, Hash, std::equal_to<>> numbers_;
  std::string names_;
  std::vector<std::uint32_t> name_ends_{0};
  std::vector<std::uint32_t> totals_;  ///< passages a term
  std::vector<Posting> current_;       ///< of the passage being counted, by term
  std::vector<std::uint32_t> touched_;
  std::vector<Found> found_;
};

/// The context repeats the title, which has its own weight.
std::string_view context_without_title(const TextRecord& record) {
  std::string_view context = record.context;
  if (!record.title.empty() && context.starts_with(record.title)) context.remove_prefix(record.title.size());
  return context;
}

enum class MetadataType : std::uint8_t { kFalse, kTrue, kNumber, kString, kList };

void append_type(std::string& out, MetadataType type) { out.push_back(static_cast<char>(type)); }

void append_scalar(std::string& out, const MetadataScalar& value) {
  if (const auto* flag = std::get_if<bool>(&value)) {
    append_type(out, *flag ? MetadataType::kTrue : MetadataType::kFalse);
  } else if (const auto* number = std::get_if<double>(&value)) {
    append_type(out, MetadataType::kNumber);
    append_raw(out, *number);
  } else {
    append_type(out, MetadataType::kString);
    append_string(out, std::get<std::string>(value));
  }
}

std::optional<MetadataScalar> read_scalar(ByteReader& in, std::uint8_t type) {
  switch (static_cast<MetadataType>(type)) {
    case MetadataType::kFalse:
      return false;
    case MetadataType::kTrue:
      return true;
    case MetadataType::kNumber:
      return in.raw<double>();
    case MetadataType::kString:
      return std::string(in.string());
    default:
      return std::nullopt;
  }
}

std::optional<MetadataValue> read_value(ByteReader& in) {
  const auto type = in.raw<std::uint8_t>();
  if (static_cast<MetadataType>(type) != MetadataType::kList) {
    const auto scalar = read_scalar(in, type);
    if (!scalar) return std::nullopt;
    return std::visit([](const auto& value) { return MetadataValue(value); }, *scalar);
  }
  std::vector<MetadataScalar> list;
  for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
    auto scalar = read_scalar(in, in.raw<std::uint8_t>());
    if (!scalar) return std::nullopt;
    list.push_back(std::move(*scalar));
  }
  return list;
}

}  // namespace

AnalyzedDocument analyze_document(std::span<const TextRecord> records) {
  AnalyzedDocument out;
  if (records.empty()) return out;
  out.document = records.front().key.document.str();
  out.version = records.front().key.version;
  if (records.front().metadata) out.metadata = encode_metadata(*records.front().metadata);

  Builder builder;
  const TermIds title = builder.ids(records.front().title);
  TermIds context_before;
  TermIds content_before;
  for (std::size_t i = 0; i < records.size(); ++i) {
    const TermIds context = builder.ids(context_without_title(records[i]));
    const TermIds content = builder.ids(records[i].content);
    const std::size_t shared = i == 0 ? 0 : overlap(content_before, content);
    const bool same_context = i > 0 && context == context_before;
    builder.count(title, 0, title.size(), kTitleWeight, i > 0);
    builder.count(context, 0, context.size(), 1, same_context);
    builder.count(content, 0, shared, 1, true);
    builder.count(content, shared, content.size(), 1, false);
    builder.end_chunk(static_cast<std::uint32_t>(i));
    out.chunks.push_back(
        {.index = records[i].key.index,
         .length = static_cast<std::uint32_t>(title.size() + context.size() + content.size())});
    out.length += content.size() - shared + (same_context ? 0 : context.size()) + (i == 0 ? title.size() : 0);
    context_before = context;
    content_before = content;
  }
  std::move(builder).finish(out);
  return out;
}

std::string encode(const AnalyzedDocument& document) {
  std::string out;
  append_varint(out, kAnalyzerVersion);
  append_string(out, document.document);
  append_varint(out, document.version);
  append_varint(out, document.length);
  append_string(out, document.metadata);
  append_varint(out, document.chunks.size());
  for (const auto& chunk : document.chunks) {
    append_varint(out, chunk.index);
    append_varint(out, chunk.length);
  }
  append_varint(out, document.terms.size());
  for (const auto& term : document.terms) {
    append_string(out, document.name(term));
    const auto postings = document.of(term);
    append_varint(out, postings.size());
    std::uint32_t before = 0;
    for (const Posting& posting : postings) {
      append_varint(out, posting.chunk - before);
      append_varint(out, posting.frequency);
      append_varint(out, posting.repeated);
      before = posting.chunk;
    }
  }
  return out;
}

std::optional<AnalyzedDocument> decode_document(std::string_view bytes) {
  ByteReader in(bytes);
  AnalyzedDocument out;
  in.varint();  // the analyzer's version: terms of an older one still serve
  out.document = in.string();
  out.version = in.varint32();
  out.length = in.varint();
  out.metadata = in.string();
  for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
    const std::uint32_t index = in.varint32();
    out.chunks.push_back({index, in.varint32()});
  }
  for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
    const auto name_begin = static_cast<std::uint32_t>(out.names.size());
    out.names += in.string();
    const auto begin = static_cast<std::uint32_t>(out.postings.size());
    std::uint64_t chunk = 0;
    for (std::uint64_t more = in.varint(); more > 0 && in.ok(); --more) {
      chunk += in.varint();
      const std::uint32_t frequency = in.varint32();
      const std::uint32_t repeated = in.varint32();
      if (chunk >= out.chunks.size() || frequency == 0 || frequency > UINT16_MAX || repeated > frequency)
        return std::nullopt;
      out.postings.push_back({static_cast<std::uint32_t>(chunk), static_cast<std::uint16_t>(frequency),
                              static_cast<std::uint16_t>(repeated)});
    }
    out.terms.push_back({name_begin, static_cast<std::uint32_t>(out.names.size()), begin,
                         static_cast<std::uint32_t>(out.postings.size())});
  }
  if (!in.ok() || !in.at_end()) return std::nullopt;
  return out;
}

std::string encode_metadata(const Metadata& metadata) {
  std::string out;
  for (const auto& [field, value] : metadata) {
    append_string(out, field);
    if (const auto* list = std::get_if<std::vector<MetadataScalar>>(&value)) {
      append_type(out, MetadataType::kList);
      append_varint(out, list->size());
      for (const MetadataScalar& element : *list) append_scalar(out, element);
    } else if (const auto* flag = std::get_if<bool>(&value)) {
      append_scalar(out, *flag);
    } else if (const auto* number = std::get_if<double>(&value)) {
      append_scalar(out, *number);
    } else {
      append_scalar(out, std::get<std::string>(value));
    }
  }
  return out;
}

std::optional<Metadata> decode_metadata(std::string_view bytes) {
  ByteReader in(bytes);
  Metadata out;
  while (in.ok() && !in.at_end()) {
    std::string field(in.string());
    auto value = read_value(in);
    if (!value) return std::nullopt;
    out.insert_or_assign(std::move(field), std::move(*value));
  }
  if (!in.ok()) return std::nullopt;
  return out;
}

}  // namespace caprock::stores::text
