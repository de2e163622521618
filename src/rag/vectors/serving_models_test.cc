#include "rag/vectors/serving_models.h"

#include <gtest/gtest.h>

namespace caprock::rag {
namespace {

class NamedModel final : public llm::Embedder {
 public:
  explicit NamedModel(std::string name) : name_(std::move(name)) {}
  llm::EmbedderInfo info() const override { return {.fingerprint = name_, .name = name_, .dimension = 2}; }
  base::Awaitable<base::Result<llm::Embeddings>> embed(const base::RequestContext&, std::vector<std::string>,
                                                       llm::EmbedPurpose) override {
    co_return llm::Embeddings{};
  }

 private:
  std::string name_;
};

class ServingModelsTest : public ::testing::Test {
 protected:
  static std::string names(const std::vector<ServingModel>& models) {
    std::string all;
    for (const ServingModel& model : models)
      all += model.embedder->info().name + (model.gap.empty() ? " " : "(" + model.gap + ") ");
    return all;
  }
  NamedModel configured_{"new"};
  int opened_ = 0;
  ServingModels models_{configured_,
                        [this](const std::string& fingerprint) -> std::unique_ptr<llm::Embedder> {
                          ++opened_;
                          if (fingerprint == "far away") return nullptr;
                          return std::make_unique<NamedModel>(fingerprint);
                        }};
  stores::CollectionKey papers_{base::TenantId("default"), "papers"};
  stores::CollectionKey laws_{base::TenantId("default"), "laws"};
};

TEST_F(ServingModelsTest, NothingSaid_TheConfiguredModelServes) {
  EXPECT_EQ(names(models_.choose(papers_)), "new ");
}

TEST_F(ServingModelsTest, EarlierModel_ServesFirstAndOnlyItsCollection) {
  EXPECT_TRUE(models_.serve_earlier(papers_, "old"));
  models_.set_gap(papers_, "half");
  EXPECT_EQ(names(models_.choose(papers_)), "old new(half) ");
  EXPECT_EQ(names(models_.choose(laws_)), "new ");
}

TEST_F(ServingModelsTest, EarlierModelThatCannotBeHad_LeavesTheConfiguredOne) {
  EXPECT_FALSE(models_.serve_earlier(papers_, "far away"));
  EXPECT_EQ(names(models_.choose(papers_)), "new ");
}

TEST_F(ServingModelsTest, TwoCollections_ShareOneEarlierModel) {
  EXPECT_TRUE(models_.serve_earlier(papers_, "old"));
  EXPECT_TRUE(models_.serve_earlier(laws_, "old"));
  EXPECT_EQ(opened_, 1);
  EXPECT_TRUE(models_.serve_configured(papers_).expired());
  EXPECT_EQ(names(models_.choose(laws_)), "old new ");
}

TEST_F(ServingModelsTest, GoingOver_TellsWhenTheLastQueryOfTheCollectionHasEnded) {
  EXPECT_TRUE(models_.serve_earlier(papers_, "old"));
  EXPECT_TRUE(models_.serve_earlier(laws_, "old"));
  auto query = models_.choose(papers_);
  const auto elsewhere = models_.choose(laws_);
  const auto queries = models_.serve_configured(papers_);
  EXPECT_EQ(names(models_.choose(papers_)), "new ");
  EXPECT_FALSE(queries.expired());
  EXPECT_EQ(query.front().embedder->info().name, "old");
  query.clear();
  EXPECT_TRUE(queries.expired());
}

TEST_F(ServingModelsTest, GapThatIsClosed_IsForgotten) {
  models_.set_gap(papers_, "half");
  EXPECT_EQ(names(models_.choose(papers_)), "new(half) ");
  models_.set_gap(papers_, "");
  EXPECT_EQ(names(models_.choose(papers_)), "new ");
}

}  // namespace
}  // namespace caprock::rag
