#include "stores/text/embedded/scorer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <random>
#include <set>

#include "stores/text/embedded/analyzer.h"
#include "stores/text/embedded/merge.h"

namespace caprock::stores::text {
namespace {

constexpr std::uint32_t kVocabulary = 400;

/// A word whose rank follows Zipf's law, so that there are common and rare ones.
std::string word(std::mt19937& random) {
  const double u = std::uniform_real_distribution<double>(0, 1)(random);
  return "w" + std::to_string(static_cast<int>(std::pow(kVocabulary, u)));
}

std::string text(std::mt19937& random, int words) {
  std::string out;
  for (int i = 0; i < words; ++i) out += word(random) + " ";
  return out;
}

struct Corpus {
  std::vector<TextRecord> records;  ///< in order: documents of 1–4 passages
};

Corpus random_corpus(std::uint32_t documents, unsigned seed) {
  std::mt19937 random(seed);
  Corpus corpus;
  for (std::uint32_t d = 0; d < documents; ++d) {
    const std::string title = text(random, 3);
    const std::uint32_t passages = 1 + random() % 4;
    std::string before;
    for (std::uint32_t p = 0; p < passages; ++p) {
      std::string content = before + text(random, 5 + static_cast<int>(random() % 60));
      corpus.records.push_back(
          {.key = {DocumentId("d" + std::to_string(d)), 1, p}, .title = title, .content = content});
      const std::size_t half = content.find(' ', content.size() / 2);
      before = content.substr(half + 1);
    }
  }
  return corpus;
}

Memtable table_of(const Corpus& corpus) {
  Memtable table;
  std::uint64_t sequence = 0;
  for (std::size_t i = 0; i < corpus.records.size();) {
    std::size_t end = i + 1;
    while (end < corpus.records.size() && corpus.records[end].key.document == corpus.records[i].key.document)
      ++end;
    table.add(analyze_document(std::span(corpus.records).subspan(i, end - i)), ++sequence);
    i = end;
  }
  return table;
}

/// BM25 straight from its definition, over the texts themselves.
class Reference {
 public:
  explicit Reference(const Corpus& corpus) {
    for (const TextRecord& record : corpus.records) {
      std::map<std::string, double> counts;
      TermList terms;
      analyze(record.title, terms);
      for (std::size_t i = 0; i < terms.size(); ++i) counts[std::string(terms[i])] += kTitleWeight;
      std::size_t length = terms.size();
      terms.clear();
      analyze(record.content, terms);
      for (std::size_t i = 0; i < terms.size(); ++i) counts[std::string(terms[i])] += 1;
      length += terms.size();
      lengths_.push_back(static_cast<double>(length));
      total_ += static_cast<double>(length);
      for (const auto& [term, count] : counts) containing_[term] += 1;
      counts_.push_back(std::move(counts));
    }
  }
  double score(std::size_t chunk, const std::vector<std::string>& query) const {
    const double n = static_cast<double>(counts_.size());
    double sum = 0;
    for (const std::string& term : query) {
      const auto count = counts_[chunk].find(term);
      if (count == counts_[chunk].end()) continue;
      const double df = containing_.at(term);
      const double f = count->second;
      sum += std::log(1 + (n - df + 0.5) / (df + 0.5)) * f * 2.2 /
             (f + 1.2 * (1 - 0.75 + 0.75 * lengths_[chunk] / (total_ / n)));
    }
    return sum;
  }
  std::size_t size() const { return counts_.size(); }

 private:
  std::vector<std::map<std::string, double>> counts_;
  std::vector<double> lengths_;
  std::map<std::string, double> containing_;
  double total_ = 0;
};

SearchPlan plan_for(const Segment& segment, const std::vector<std::string>& query) {
  SearchPlan plan{.terms = {},
                  .chunk_norm = LengthNorm(segment.chunk_stats()),
                  .document_norm = LengthNorm(segment.document_stats())};
  for (const std::string& term : query) {
    const auto entry = segment.find(term);
    plan.weight += bm25_idf(segment.chunk_stats().count, entry ? entry->chunks : 0);
    if (entry)
      plan.terms.push_back({term, bm25_idf(segment.chunk_stats().count, entry->chunks),
                            bm25_idf(segment.document_stats().count, entry->documents)});
  }
  return plan;
}

const Admits kAll = [](std::uint32_t) { return true; };

TEST(Scorer, Scores_AreThoseOfTheDefinition) {
  const Corpus corpus = random_corpus(300, 5);
  const Reference reference(corpus);
  const Memtable table = table_of(corpus);
  const std::string bytes = table.to_segment();
  const Segment segment = Segment::open(bytes).value();
  std::mt19937 random(6);
  for (int round = 0; round < 30; ++round) {
    const auto query = analyze_query(text(random, 6));
    const SearchPlan plan = plan_for(segment, query);
    TopK from_segment(10'000);
    TopK from_table(10'000);
    score_segment(segment, plan, find_terms(segment, plan), kAll, 0, from_segment);
    score_memtable(table, plan, kAll, 0, from_table);
    const auto a = best_of({from_segment}, 10'000);
    const auto b = best_of({from_table}, 10'000);
    ASSERT_EQ(a.size(), b.size());
    std::size_t expected = 0;
    for (std::size_t i = 0; i < reference.size(); ++i) expected += reference.score(i, query) > 0 ? 1 : 0;
    ASSERT_EQ(a.size(), expected);
    for (const Candidate& found : a) ASSERT_NEAR(found.score, reference.score(found.chunk, query), 1e-9);
    for (const Candidate& found : b) ASSERT_NEAR(found.score, reference.score(found.chunk, query), 1e-9);
  }
}

TEST(Scorer, Pruned_EqualsExhaustive) {
#ifdef CAPROCK_SANITIZED
  constexpr int kDocuments = 2'000;  // several blocks of postings still, in seconds
  constexpr int kRounds = 40;
#else
  constexpr int kDocuments = 6'000;
  constexpr int kRounds = 120;
#endif
  const Corpus corpus = random_corpus(kDocuments, 11);
  const Memtable table = table_of(corpus);
  const std::string bytes = table.to_segment();
  const Segment segment = Segment::open(bytes).value();
  std::mt19937 random(12);
  for (int round = 0; round < kRounds; ++round) {
    const SearchPlan plan =
        plan_for(segment, analyze_query(text(random, 1 + static_cast<int>(random() % 14))));
    const std::uint32_t selective = 1 + random() % 40;
    const Admits some = [&](std::uint32_t document) { return document % selective == 0; };
    const std::size_t k = 1 + random() % 100;
    TopK pruned(k);
    TopK exhaustive(k);
    score_segment(segment, plan, find_terms(segment, plan), some, 0, pruned);
    score_memtable(table, plan, some, 0, exhaustive);
    const auto a = best_of({pruned}, 10'000);
    const auto b = best_of({exhaustive}, 10'000);
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
      ASSERT_NEAR(a[i].score, b[i].score, 1e-9) << "rank " << i;
      if (i + 1 < a.size() && a[i].score - a[i + 1].score > 1e-9 &&
          (i == 0 || a[i - 1].score - a[i].score > 1e-9)) {
        ASSERT_EQ(a[i].chunk, b[i].chunk) << "rank " << i;
      }
    }
  }
}

TEST(Scorer, DocumentScores_CountOverlapsAndTitlesOnce) {
  // The same text, whole and cut with overlap.
  const std::string first = "alpha beta gamma delta epsilon zeta";
  const std::string second = "epsilon zeta eta theta alpha";
  Memtable table;
  const std::vector<TextRecord> cut{
      {.key = {DocumentId("cut"), 1, 0}, .title = "greek letters", .content = first},
      {.key = {DocumentId("cut"), 1, 1}, .title = "greek letters", .content = second}};
  const std::vector<TextRecord> whole{
      {.key = {DocumentId("whole"), 1, 0}, .title = "greek letters", .content = first + " eta theta alpha"}};
  table.add(analyze_document(cut), 1);
  table.add(analyze_document(whole), 2);
  EXPECT_EQ(table.document(0).length, table.document(1).length);
  const std::string bytes = table.to_segment();
  const Segment segment = Segment::open(bytes).value();
  const SearchPlan plan = plan_for(segment, analyze_query("greek alpha zeta theta"));
  const std::vector<std::uint32_t> chunks{0, 1, 2};
  const auto from_segment = details(segment, plan, find_terms(segment, plan), chunks);
  const auto from_table = details(table, plan, chunks);
  EXPECT_GT(from_segment[0].document_score, 0);
  for (std::size_t i = 0; i < chunks.size(); ++i) {
    EXPECT_NEAR(from_segment[0].document_score, from_segment[i].document_score, 1e-12);
    EXPECT_NEAR(from_segment[i].document_score, from_table[i].document_score, 1e-12);
    EXPECT_NEAR(from_segment[i].coverage, from_table[i].coverage, 1e-12);
  }
  EXPECT_LT(from_segment[0].coverage, 1 - 1e-9);  // "theta" is in the second passage only
  EXPECT_NEAR(from_segment[1].coverage, 1, 1e-9);
  EXPECT_NEAR(from_segment[2].coverage, 1, 1e-9);
}

TEST(Merge, MergedSegments_ScoreAsOneMadeAtOnce) {
  const Corpus corpus = random_corpus(900, 21);
  std::vector<std::string> parts;
  Corpus part;
  Corpus living;
  std::set<std::string> dead;
  std::mt19937 random(22);
  for (std::size_t i = 0; i < corpus.records.size(); ++i) {
    const std::string& id = corpus.records[i].key.document.str();
    const bool new_document = corpus.records[i].key.index == 0;
    if (new_document && part.records.size() > 500)
      parts.push_back(table_of(std::exchange(part, {})).to_segment());
    if (new_document && random() % 5 == 0) dead.insert(id);
    part.records.push_back(corpus.records[i]);
    if (!dead.contains(id)) living.records.push_back(corpus.records[i]);
  }
  parts.push_back(table_of(part).to_segment());
  std::vector<Segment> segments;
  segments.reserve(parts.size());
  std::vector<MergeInput> inputs;
  inputs.reserve(parts.size());
  for (const std::string& bytes : parts) segments.push_back(Segment::open(bytes).value());
  for (const Segment& segment : segments)
    inputs.push_back(
        {&segment, [&](std::uint32_t i) { return dead.contains(std::string(segment.document(i).id)); }});
  const std::string merged_bytes = merge_segments(inputs);
  const std::string direct_bytes = table_of(living).to_segment();
  const Segment merged = Segment::open(merged_bytes).value();
  const Segment direct = Segment::open(direct_bytes).value();
  ASSERT_GT(parts.size(), 2U);
  EXPECT_EQ(merged.chunk_count(), direct.chunk_count());
  EXPECT_EQ(merged.term_count(), direct.term_count());
  EXPECT_EQ(merged.chunk_stats().terms, direct.chunk_stats().terms);
  for (int round = 0; round < 20; ++round) {
    const auto query = analyze_query(text(random, 5));
    TopK a(50);
    TopK b(50);
    score_segment(merged, plan_for(merged, query), find_terms(merged, plan_for(merged, query)), kAll, 0, a);
    score_segment(direct, plan_for(direct, query), find_terms(direct, plan_for(direct, query)), kAll, 0, b);
    const auto from_merged = best_of({a}, 10'000);
    const auto from_direct = best_of({b}, 10'000);
    ASSERT_EQ(from_merged.size(), from_direct.size());
    for (std::size_t i = 0; i < from_merged.size(); ++i)
      ASSERT_NEAR(from_merged[i].score, from_direct[i].score, 1e-9);
  }
}

}  // namespace
}  // namespace caprock::stores::text
