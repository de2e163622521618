#include "stores/text/embedded/search.h"

#include <algorithm>
#include <functional>
#include <numeric>
#include <span>

#include "stores/text/embedded/analyzer.h"

namespace caprock::stores::text {
namespace {

/// Remembers the filter's answer for each document.
class FilterMemo {
 public:
  FilterMemo(const Filter* filter, std::uint32_t documents)
      : filter_(filter), answers_(filter == nullptr ? 0 : documents, kUnknown) {}

  bool admits(std::uint32_t document, std::string_view metadata) {
    if (filter_ == nullptr) return true;
    if (document >= answers_.size()) answers_.resize(document + 1, kUnknown);  // the active table has grown
    std::uint8_t& answer = answers_[document];
    if (answer == kUnknown) {
      const auto decoded = decode_metadata(metadata);
      answer = decoded && matches(*filter_, *decoded) ? kYes : kNo;
    }
    return answer == kYes;
  }

 private:
  enum : std::uint8_t { kUnknown, kYes, kNo };
  const Filter* filter_;
  std::vector<std::uint8_t> answers_;
};

void score(const LiveSegment& live, const SearchPlan& plan, const FoundTerms& found, const Filter* filter,
           std::uint32_t source, TopK& top) {
  const Segment& segment = live.segment();
  if (filter == nullptr && !live.any_dead()) return score_segment(segment, plan, found, {}, source, top);
  FilterMemo memo(filter, segment.document_count());
  const Admits admits = [&](std::uint32_t number) {
    return !live.dead(number) &&
           (filter == nullptr || memo.admits(number, segment.document(number).metadata));
  };
  score_segment(segment, plan, found, admits, source, top);
}

void score(const Memtable& table, const SearchPlan& plan, const Filter* filter, std::uint32_t source,
           TopK& top) {
  FilterMemo memo(filter, table.document_count());
  const Admits admits = [&](std::uint32_t number) {
    const Memtable::Document& document = table.document(number);
    return !document.dead && memo.admits(number, document.metadata);
  };
  score_memtable(table, plan, admits, source, top);
}

}  // namespace

Search::Search(const Collection& collection, const TextQuery& query, const Division& division)
    : collection_(collection), query_(query), snapshot_(collection.snapshot()), plan_(make_plan()) {
  divide(division);
  for (std::size_t i = 0; i <= parts_.size(); ++i) top_.emplace_back(query_.k, &floor_);
}

SearchPlan Search::make_plan() {
  SearchPlan plan{.terms = {},
                  .chunk_norm = LengthNorm(snapshot_.chunks),
                  .document_norm = LengthNorm(snapshot_.documents)};
  found_.resize(snapshot_.segments.size());
  std::vector<std::optional<TermEntry>> entries(found_.size());
  for (std::string& term : analyze_query(query_.text)) {
    std::uint64_t chunks = 0;
    std::uint64_t documents = 0;
    for (std::size_t i = 0; i < entries.size(); ++i) {
      const auto& entry = entries[i] = snapshot_.segments[i]->segment().find(term);
      chunks += entry ? entry->chunks : 0;
      documents += entry ? entry->documents : 0;
    }
    const auto count_in = [&](const Memtable& table) {
      const Memtable::Term* found = table.find(term);
      chunks += found != nullptr ? found->postings.size() : 0;
      documents += found != nullptr ? found->documents : 0;
    };
    for (const auto& table : snapshot_.frozen) count_in(*table);
    {
      const auto lock = collection_.read_lock();
      count_in(*snapshot_.active);
    }
    plan.weight += bm25_idf(snapshot_.chunks.count, chunks);
    if (chunks == 0) continue;
    plan.terms.push_back({std::move(term), bm25_idf(snapshot_.chunks.count, chunks),
                          bm25_idf(snapshot_.documents.count, documents)});
    for (std::size_t i = 0; i < entries.size(); ++i) found_[i].push_back(entries[i]);
  }
  return plan;
}

/// The largest first, each to the part that has the least.
void Search::divide(const Division& division) {
  const auto chunks = [&](std::uint32_t i) { return snapshot_.segments[i]->segment().chunk_count(); };
  std::vector<std::uint32_t> order(snapshot_.segments.size());
  std::iota(order.begin(), order.end(), 0U);
  std::uint64_t all = 0;
  for (const std::uint32_t i : order) all += chunks(i);
  const std::size_t most = std::max<std::size_t>(1, std::min(division.threads, order.size()));
  parts_.resize(all < division.from_chunks ? 1 : most);
  std::ranges::sort(order, std::greater(), chunks);
  std::vector<std::uint64_t> load(parts_.size());
  for (const std::uint32_t i : order) {
    const auto least = static_cast<std::size_t>(std::ranges::min_element(load) - load.begin());
    parts_[least].push_back(i);
    load[least] += chunks(i);
  }
  for (auto& part : parts_) std::ranges::sort(part);
}

void Search::score(std::size_t part) {
  for (const std::uint32_t source : parts_[part])
    text::score(*snapshot_.segments[source], plan_, found_[source], query_.filter.get(), source, top_[part]);
}

std::vector<IndexHit> Search::hits() {
  auto source = static_cast<std::uint32_t>(snapshot_.segments.size());
  for (const auto& table : snapshot_.frozen)
    text::score(*table, plan_, query_.filter.get(), source++, top_.back());
  const auto lock = collection_.read_lock();
  text::score(*snapshot_.active, plan_, query_.filter.get(), source, top_.back());
  candidates_ = best_of(top_, query_.k);
  hits_.resize(candidates_.size());
  for (std::uint32_t i = 0; i <= source; ++i) resolve(i);
  return std::move(hits_);
}

void Search::resolve(std::uint32_t source) {
  const std::size_t segments = snapshot_.segments.size();
  const std::size_t frozen = snapshot_.frozen.size();
  if (source < segments)
    resolve_in(source, snapshot_.segments[source]->segment());
  else
    resolve_in(source, source < segments + frozen ? *snapshot_.frozen[source - segments] : *snapshot_.active);
}

/// Keys, scores and details of the hits of one source.
template <class Source>
void Search::resolve_in(std::uint32_t source, const Source& from) {
  std::vector<std::size_t> places;  // of the source's candidates, by rising chunk
  for (std::size_t i = 0; i < candidates_.size(); ++i)
    if (candidates_[i].source == source) places.push_back(i);
  std::ranges::sort(places, {}, [&](std::size_t i) { return candidates_[i].chunk; });
  std::vector<std::uint32_t> chunks;
  for (const std::size_t i : places) {
    chunks.push_back(candidates_[i].chunk);
    const auto& document = from.document(from.document_of(chunks.back()));
    hits_[i].key = {DocumentId(std::string(document.id)), document.version, from.chunk_index(chunks.back())};
    hits_[i].score = candidates_[i].score;
  }
  if (!query_.document_scores || chunks.empty()) return;
  const std::vector<HitDetail> told = details_in(from, source, chunks);
  for (std::size_t i = 0; i < places.size(); ++i) {
    hits_[places[i]].document_score = told[i].document_score;
    hits_[places[i]].coverage = told[i].coverage;
  }
}

std::vector<HitDetail> Search::details_in(const Segment& from, std::uint32_t source,
                                          std::span<const std::uint32_t> chunks) const {
  return details(from, plan_, found_[source], chunks);
}

std::vector<HitDetail> Search::details_in(const Memtable& from, std::uint32_t,
                                          std::span<const std::uint32_t> chunks) const {
  return details(from, plan_, chunks);
}

}  // namespace caprock::stores::text
