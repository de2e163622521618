#include "stores/text/embedded/scorer.h"

#include <algorithm>
#include <array>
#include <bit>

namespace caprock::stores::text {
namespace {

constexpr std::uint32_t kWindow = 2048;  ///< chunks; sums and marks of one window stay in the first cache
/// Sums of a different order may differ by rounding: bounds are taken this much higher.
constexpr double kSlack = 1.0 + 1e-9;

struct Runner {
  PostingCursor cursor;
  double idf = 0;
  double bound = 0;  ///< in the current window
};

class WindowScorer {
 public:
  WindowScorer(const Segment& segment, const SearchPlan& plan, const FoundTerms& found, const Admits& admits,
               std::uint32_t source, TopK& top)
      : segment_(segment), norm_(plan.chunk_norm), admits_(admits), source_(source), top_(top) {
    runners_.reserve(found.size());
    for (std::size_t i = 0; i < found.size(); ++i)
      if (found[i]) runners_.push_back({segment.postings(*found[i]), plan.terms[i].chunk_idf});
    for (Runner& runner : runners_) order_.push_back(&runner);
  }

  void run() {
    std::uint32_t from = 0;
    while ((from = next_window(from)) < segment_.chunk_count()) {
      score_window(from, std::min(from + kWindow, segment_.chunk_count()));
      from += kWindow;
    }
  }

 private:
  /// The next window that has a posting at all.
  std::uint32_t next_window(std::uint32_t from) const {
    std::uint32_t nearest = PostingCursor::kEnd;
    for (const Runner& runner : runners_) nearest = std::min(nearest, runner.cursor.chunk());
    return nearest == PostingCursor::kEnd ? nearest : std::max(from, nearest / kWindow * kWindow);
  }

  void score_window(std::uint32_t from, std::uint32_t end) {
    for (Runner& runner : runners_) runner.bound = kSlack * runner.cursor.bound(from, end, runner.idf, norm_);
    std::ranges::sort(order_, {}, &Runner::bound);
    // The weakest terms, which together cannot lift a passage among the best, are only looked up.
    std::size_t essential = 0;
    double reach = 0;
    const double threshold = top_.threshold();
    if (threshold > 0)
      while (essential < order_.size() && reach + order_[essential]->bound <= threshold)
        reach += order_[essential++]->bound;
    if (essential == order_.size()) return;
    prepare_rest(essential);
    for (std::size_t i = essential; i < order_.size(); ++i) accumulate(*order_[i], from, end);
    collect(from, essential);
  }

  void prepare_rest(std::size_t essential) {
    reach_.assign(essential + 1, 0.0);
    for (std::size_t i = 0; i < essential; ++i) reach_[i + 1] = reach_[i] + order_[i]->bound;
  }

  void accumulate(Runner& runner, std::uint32_t from, std::uint32_t end) {
    if (runner.cursor.chunk() < from) runner.cursor.seek(from);
    runner.cursor.for_each_before(end, [&](std::uint32_t chunk, std::uint32_t frequency) {
      const std::uint32_t slot = chunk - from;
      marks_[slot / 64] |= std::uint64_t{1} << (slot % 64);
      sums_[slot] += bm25_term(runner.idf, frequency, norm_(segment_.chunk_length(chunk)));
    });
  }

  void collect(std::uint32_t from, std::size_t essential) {
    for (std::size_t word = 0; word < marks_.size(); ++word) {
      for (std::uint64_t bits = marks_[word]; bits != 0; bits &= bits - 1) {
        const auto slot =
            static_cast<std::uint32_t>(word * 64 + static_cast<unsigned>(std::countr_zero(bits)));
        finish(from + slot, sums_[slot], essential);
        sums_[slot] = 0;
      }
      marks_[word] = 0;
    }
  }

  void finish(std::uint32_t chunk, double sum, std::size_t rest) {
    const double threshold = top_.threshold();
    for (; rest > 0; --rest) {
      if (sum + reach_[rest] <= threshold) return;
      Runner& runner = *order_[rest - 1];
      runner.cursor.seek(chunk);
      if (runner.cursor.chunk() == chunk)
        sum += bm25_term(runner.idf, runner.cursor.frequency(), norm_(segment_.chunk_length(chunk)));
    }
    if (sum > threshold && (!admits_ || admits_(segment_.document_of(chunk))))
      top_.offer({sum, source_, chunk});
  }

  const Segment& segment_;
  const LengthNorm norm_;
  const Admits& admits_;
  std::uint32_t source_;
  TopK& top_;
  std::vector<Runner> runners_;
  std::vector<Runner*> order_;  ///< by rising bound
  std::vector<double> reach_;   ///< what the first i terms of order_ can add together
  std::array<double, kWindow> sums_{};
  std::array<std::uint64_t, kWindow / 64> marks_{};
};

/// A memory table's postings, walked as a segment's are.
class TableCursor {
 public:
  explicit TableCursor(const std::vector<Posting>& postings) : at_(postings.begin()), end_(postings.end()) {}
  std::uint32_t chunk() const { return at_ == end_ ? PostingCursor::kEnd : at_->chunk; }
  std::uint32_t frequency() const { return at_->frequency; }
  std::uint32_t repeated() const { return at_->repeated; }
  void next() { ++at_; }
  void seek(std::uint32_t target) { at_ = std::ranges::lower_bound(at_, end_, target, {}, &Posting::chunk); }

 private:
  std::vector<Posting>::const_iterator at_;
  std::vector<Posting>::const_iterator end_;
};

/// The chunks [begin, end) of the list that belong to one document.
struct DocumentGroup {
  std::uint32_t first_chunk;
  std::uint32_t after_chunk;
  std::uint32_t length;
  std::size_t begin;
  std::size_t end;
};

template <class Source>
std::vector<DocumentGroup> group(const Source& source, std::span<const std::uint32_t> chunks) {
  std::vector<DocumentGroup> groups;
  for (std::size_t i = 0; i < chunks.size(); ++i) {
    if (!groups.empty() && chunks[i] < groups.back().after_chunk) {
      groups.back().end = i + 1;
      continue;
    }
    const auto& document = source.document(source.document_of(chunks[i]));
    groups.push_back(
        {document.first_chunk, document.first_chunk + document.chunk_count, document.length, i, i + 1});
  }
  return groups;
}

template <class Cursor>
void add_details(Cursor cursor, const PlannedTerm& term, const SearchPlan& plan,
                 std::span<const DocumentGroup> groups, std::span<const std::uint32_t> chunks,
                 std::span<double> document_sums, std::span<HitDetail> out) {
  for (std::size_t g = 0; g < groups.size(); ++g) {
    const DocumentGroup& document = groups[g];
    std::uint32_t frequency = 0;
    std::size_t at = document.begin;
    for (cursor.seek(document.first_chunk); cursor.chunk() < document.after_chunk; cursor.next()) {
      frequency += cursor.frequency() - std::min(cursor.frequency(), cursor.repeated());
      while (at < document.end && chunks[at] < cursor.chunk()) ++at;
      if (at < document.end && chunks[at] == cursor.chunk()) out[at].coverage += term.chunk_idf / plan.weight;
    }
    if (frequency > 0)
      document_sums[g] += bm25_term(term.document_idf, frequency, plan.document_norm(document.length));
  }
}

void spread(std::span<const DocumentGroup> groups, std::span<const double> sums, std::span<HitDetail> out) {
  for (std::size_t g = 0; g < groups.size(); ++g)
    for (std::size_t i = groups[g].begin; i < groups[g].end; ++i) out[i].document_score = sums[g];
}

}  // namespace

FoundTerms find_terms(const Segment& segment, const SearchPlan& plan) {
  FoundTerms found;
  found.reserve(plan.terms.size());
  for (const PlannedTerm& term : plan.terms) found.push_back(segment.find(term.term));
  return found;
}

void score_segment(const Segment& segment, const SearchPlan& plan, const FoundTerms& found,
                   const Admits& admits, std::uint32_t source, TopK& top) {
  WindowScorer(segment, plan, found, admits, source, top).run();
}

void score_memtable(const Memtable& table, const SearchPlan& plan, const Admits& admits, std::uint32_t source,
                    TopK& top) {
  std::vector<double> sums(table.chunk_count(), 0.0);
  for (const PlannedTerm& planned : plan.terms) {
    const Memtable::Term* term = table.find(planned.term);
    if (term == nullptr) continue;
    for (const Posting& posting : term->postings)
      sums[posting.chunk] +=
          bm25_term(planned.chunk_idf, posting.frequency, plan.chunk_norm(table.chunk_length(posting.chunk)));
  }
  for (std::uint32_t chunk = 0; chunk < sums.size(); ++chunk)
    if (sums[chunk] > top.threshold() && admits(table.document_of(chunk)))
      top.offer({sums[chunk], source, chunk});
}

std::vector<HitDetail> details(const Segment& segment, const SearchPlan& plan, const FoundTerms& found,
                               std::span<const std::uint32_t> chunks) {
  std::vector<HitDetail> out(chunks.size());
  const auto groups = group(segment, chunks);
  std::vector<double> sums(groups.size(), 0.0);
  for (std::size_t i = 0; i < found.size(); ++i)
    if (found[i]) add_details(segment.postings(*found[i]), plan.terms[i], plan, groups, chunks, sums, out);
  spread(groups, sums, out);
  return out;
}

std::vector<HitDetail> details(const Memtable& table, const SearchPlan& plan,
                               std::span<const std::uint32_t> chunks) {
  std::vector<HitDetail> out(chunks.size());
  const auto groups = group(table, chunks);
  std::vector<double> sums(groups.size(), 0.0);
  for (const PlannedTerm& term : plan.terms)
    if (const Memtable::Term* found = table.find(term.term))
      add_details(TableCursor(found->postings), term, plan, groups, chunks, sums, out);
  spread(groups, sums, out);
  return out;
}

}  // namespace caprock::stores::text
