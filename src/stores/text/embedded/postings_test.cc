#include "stores/text/embedded/postings.h"

#include <gtest/gtest.h>

#include <random>

namespace caprock::stores::text {
namespace {

struct List {
  std::vector<Posting> postings;
  std::vector<std::uint16_t> lengths;
  std::string bytes;
  PostingCursor cursor() const {
    return {bytes, static_cast<std::uint32_t>(postings.size()), static_cast<std::uint32_t>(lengths.size())};
  }
};

List random_list(std::size_t chunks, double density, unsigned seed) {
  std::mt19937 random(seed);
  List list;
  for (std::size_t i = 0; i < chunks; ++i)
    list.lengths.push_back(static_cast<std::uint16_t>(1 + random() % 400));
  std::uniform_real_distribution<double> chance(0, 1);
  for (std::uint32_t chunk = 0; chunk < chunks; ++chunk) {
    if (chance(random) >= density) continue;
    const auto frequency = static_cast<std::uint16_t>(1 + random() % (random() % 50 == 0 ? 60'000 : 6));
    list.postings.push_back({chunk, frequency, static_cast<std::uint16_t>(random() % frequency)});
  }
  append_postings(list.postings, list.lengths, list.bytes);
  return list;
}

class PostingsTest : public ::testing::TestWithParam<std::pair<std::size_t, double>> {
 protected:
  List list_ = random_list(GetParam().first, GetParam().second, 7);
};

TEST_P(PostingsTest, Walk_GivesWhatWasWritten) {
  PostingCursor cursor = list_.cursor();
  for (const Posting& posting : list_.postings) {
    ASSERT_EQ(cursor.chunk(), posting.chunk);
    ASSERT_EQ(cursor.frequency(), posting.frequency);
    ASSERT_EQ(cursor.repeated(), posting.repeated);
    cursor.next();
  }
  EXPECT_EQ(cursor.chunk(), PostingCursor::kEnd);
}

TEST_P(PostingsTest, Seek_FindsTheFirstAtOrAfter) {
  std::mt19937 random(3);
  for (const std::uint32_t stride : {1U, 17U, 300U, 5000U}) {
    PostingCursor cursor = list_.cursor();
    for (std::uint32_t target = 0; target < list_.lengths.size(); target += 1 + random() % stride) {
      cursor.seek(target);
      const auto expected = std::ranges::lower_bound(list_.postings, target, {}, &Posting::chunk);
      if (expected == list_.postings.end()) {
        ASSERT_EQ(cursor.chunk(), PostingCursor::kEnd);
      } else {
        ASSERT_EQ(cursor.chunk(), expected->chunk);
        ASSERT_EQ(cursor.frequency(), expected->frequency);
      }
    }
  }
}

TEST_P(PostingsTest, Bound_IsNeverBelowAScore) {
  const LengthNorm norm(BodyStats{100, 15'000});
  PostingCursor bounds = list_.cursor();
  for (std::uint32_t from = 0; from < list_.lengths.size(); from += 777) {
    const double bound = bounds.bound(from, from + 777, 2.0, norm);
    for (const Posting& posting : list_.postings)
      if (posting.chunk >= from && posting.chunk < from + 777) {
        ASSERT_LE(bm25_term(2.0, posting.frequency, norm(list_.lengths[posting.chunk])), bound);
      }
  }
}

TEST_P(PostingsTest, ForEachBefore_StopsAtTheEnd) {
  PostingCursor cursor = list_.cursor();
  std::size_t seen = 0;
  for (std::uint32_t end = 0; end < list_.lengths.size() + 100; end += 100) {
    cursor.for_each_before(end, [&](std::uint32_t chunk, std::uint32_t frequency) {
      ASSERT_LT(chunk, end);
      ASSERT_EQ(chunk, list_.postings[seen].chunk);
      ASSERT_EQ(frequency, list_.postings[seen++].frequency);
    });
  }
  EXPECT_EQ(seen, list_.postings.size());
}

INSTANTIATE_TEST_SUITE_P(Sizes, PostingsTest,
                         ::testing::Values(std::pair{50UL, 0.1}, std::pair{127UL, 1.0}, std::pair{128UL, 1.0},
                                           std::pair{129UL, 1.0}, std::pair{5'000UL, 0.02},
                                           std::pair{5'000UL, 0.5}, std::pair{70'000UL, 0.003},
                                           std::pair{20'000UL, 1.0}));

TEST(Postings, DamagedBytes_EndEarlyAndStayInside) {
  const List list = random_list(5'000, 0.3, 1);
  std::mt19937 random(9);
  for (int round = 0; round < 300; ++round) {
    std::string bytes =
        list.bytes.substr(0, round % 3 == 0 ? random() % list.bytes.size() : list.bytes.size());
    for (int i = 0; i < 5 && !bytes.empty(); ++i)
      bytes[random() % bytes.size()] = static_cast<char>(random());
    PostingCursor cursor(bytes, static_cast<std::uint32_t>(list.postings.size()), 5'000);
    std::uint32_t before = 0;
    for (; cursor.chunk() != PostingCursor::kEnd; cursor.next()) {
      ASSERT_LT(cursor.chunk(), 5'000U);
      ASSERT_GE(cursor.chunk(), before);
      before = cursor.chunk();
    }
  }
}

TEST(BitPacking, EveryWidth_ComesBack) {
  std::mt19937 random(1);
  for (unsigned bits = 0; bits <= 32; ++bits) {
    Block values;
    for (auto& value : values) value = bits == 0 ? 0 : static_cast<std::uint32_t>(random() >> (32 - bits));
    std::string bytes;
    pack_block(values, bits, bytes);
    ASSERT_EQ(bytes.size(), packed_size(bits));
    Block back;
    unpack_block(bytes.data(), bits, back);
    EXPECT_EQ(values, back) << bits;
  }
}

}  // namespace
}  // namespace caprock::stores::text
