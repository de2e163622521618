#include "stores/vector/embedded/document_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace caprock::stores {
namespace {

using ::testing::UnorderedElementsAre;

Metadata year(double value) { return {{"year", value}}; }
Filter since(double value) {
  return {.op = Filter::Op::kGte, .children = {}, .field = "year", .values = {value}};
}

class DocumentSetTest : public ::testing::Test {
 protected:
  std::uint32_t add(const char* id, double y, std::vector<std::uint32_t> slots) {
    const std::uint32_t document = set_.find_or_add(DocumentId(id), 1, year(y));
    for (std::uint32_t chunk = 0; chunk < slots.size(); ++chunk) set_.set_slot(document, chunk, slots[chunk]);
    return document;
  }
  std::vector<std::uint32_t> slots(const Filter& filter) {
    std::vector<std::uint32_t> found;
    const auto selection = set_.select(filter);
    set_.for_each_slot(selection, [&](std::uint32_t slot) { found.push_back(slot); });
    EXPECT_EQ(found.size(), selection.vectors);
    return found;
  }
  DocumentSet set_;
};

TEST_F(DocumentSetTest, Find_DistinguishesVersions) {
  const auto a = add("a", 2020, {0});
  EXPECT_EQ(set_.find(DocumentId("a"), 1), a);
  EXPECT_EQ(set_.find(DocumentId("a"), 2), DocumentSet::kNone);
  EXPECT_EQ(set_.find_or_add(DocumentId("a"), 1, {}), a);
}

TEST_F(DocumentSetTest, Select_GivesTheSlotsOfMatchingDocuments) {
  add("a", 2020, {0, 1});
  add("b", 2021, {2});
  add("c", 2020, {3});
  add("d", 2022, {4, 5});
  EXPECT_THAT(slots(since(2021)), UnorderedElementsAre(2, 4, 5));
  EXPECT_THAT(slots(since(2000)), UnorderedElementsAre(0, 1, 2, 3, 4, 5));
  EXPECT_THAT(slots(since(2030)), UnorderedElementsAre());
}

TEST_F(DocumentSetTest, Removed_LeavesItsClassAndItsPlaceIsUsedAgain) {
  const auto a = add("a", 2020, {0});
  add("b", 2020, {1});
  set_.clear_slots(a);
  set_.remove(a);
  EXPECT_EQ(set_.find(DocumentId("a"), 1), DocumentSet::kNone);
  EXPECT_THAT(slots(since(2000)), UnorderedElementsAre(1));
  EXPECT_EQ(add("e", 2024, {7}), a);
  EXPECT_THAT(slots(since(2021)), UnorderedElementsAre(7));
}

TEST_F(DocumentSetTest, SetSlotAgain_GivesTheOneBefore) {
  const auto a = add("a", 2020, {0});
  EXPECT_EQ(set_.set_slot(a, 0, 9), 0);
  EXPECT_THAT(slots(since(2000)), UnorderedElementsAre(9));
}

}  // namespace
}  // namespace caprock::stores
