#include "providers/local/local_embedder.h"

#include <gmock/gmock.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <cmath>

#include "providers/local/golden.h"
#include "providers/local/install_dirs.h"
#include "providers/local/variant.h"

namespace caprock::providers {
namespace {

using base::ErrorKind;
using base::Result;
using llm::Embeddings;
using llm::EmbedPurpose;
using ::testing::Each;
using ::testing::HasSubstr;

template <class T>
T run(base::Awaitable<T> work) {
  boost::asio::io_context io;
  auto future = boost::asio::co_spawn(io, std::move(work), boost::asio::use_future);
  io.run();
  return future.get();
}

base::RequestContext context() { return base::background_context(base::TenantId("default")); }

Result<Embeddings> embed(LocalEmbedder& embedder, std::vector<std::string> texts, EmbedPurpose purpose,
                         const base::RequestContext& ctx = context()) {
  return run(embedder.embed(ctx, std::move(texts), purpose));
}

double length_of(std::span<const float> row) {
  double squares = 0;
  for (const float x : row) squares += static_cast<double>(x) * x;
  return std::sqrt(squares);
}

TEST(LocalEmbedder, Info_IsKnownWithoutModelAndEqualForVariants) {
  LocalEmbedderSettings settings;
  settings.library_dir = "/nonexistent";
  const auto one = LocalEmbedder::make(settings).value()->info();
  settings.variant = "f32";
  const auto other = LocalEmbedder::make(settings).value()->info();
  EXPECT_EQ(one.dimension, 384U);
  EXPECT_EQ(one.max_tokens, 256U);
  EXPECT_EQ(one.fingerprint, other.fingerprint);
  settings.model = "e5";
  EXPECT_NE(LocalEmbedder::make(settings).value()->info().fingerprint, one.fingerprint);
}

TEST(LocalEmbedder, MakeFor_FindsTheModelOfAFingerprint) {
  LocalEmbedderSettings settings;
  settings.model = "e5";
  const std::string fingerprint = LocalEmbedder::make(settings).value()->info().fingerprint;
  settings.model = "minilm";
  const auto found = LocalEmbedder::make_for(fingerprint, settings);
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->info().fingerprint, fingerprint);
  EXPECT_EQ(LocalEmbedder::make_for("amazon.titan-embed-text-v2", settings), nullptr);
}

TEST(LocalEmbedder, UnknownModel_NamesTheSetting) {
  LocalEmbedderSettings settings;
  settings.model = "bge";
  const auto made = LocalEmbedder::make(settings);
  ASSERT_FALSE(made.has_value());
  EXPECT_EQ(made.error().field, "embeddings.model");
}

TEST(LocalEmbedder, LibraryMissing_SaysWhatIsMissing) {
  LocalEmbedderSettings settings;
  settings.library_dir = "/nonexistent";
  settings.variant = "f32";
  const auto embedder = LocalEmbedder::make(settings).value();
  const auto answer = embed(*embedder, {"hello"}, EmbedPurpose::kQuery);
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().kind, ErrorKind::kUnavailable);
  EXPECT_THAT(answer.error().message, HasSubstr("lib/caprock/libcaprock_embed.so"));
  EXPECT_THAT(answer.error().detail, HasSubstr("/nonexistent/libcaprock_embed.so"));
}

TEST(LocalEmbedder, TextNotUtf8_NamesTheText) {
  const auto embedder = LocalEmbedder::make({}).value();
  const auto answer = embed(*embedder, {"fine", "\xff"}, EmbedPurpose::kPassage);
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().kind, ErrorKind::kInvalidArgument);
  EXPECT_EQ(answer.error().field, "texts[1]");
}

TEST(LocalEmbedder, DeadlinePassed_IsNotLoaded) {
  const auto embedder = LocalEmbedder::make({}).value();
  auto late = context();
  late.deadline = base::Deadline(base::MonoTime::min());
  const auto answer = embed(*embedder, {"hello"}, EmbedPurpose::kQuery, late);
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().kind, ErrorKind::kDeadlineExceeded);
}

/// With the real library and models, where this build has them.
class WithModel : public ::testing::TestWithParam<std::pair<const char*, const char*>> {
 protected:
  void SetUp() override {
    settings_.model = GetParam().first;
    settings_.variant = GetParam().second;
#ifdef CAPROCK_SANITIZED
    if (settings_.variant != "int8")
      GTEST_SKIP() << "OpenVINO is not built for sanitizers and is not loaded under them";
#endif
    models_ = find_install_dir(own_binary(), "share/caprock/models") / settings_.model;
    if (!std::filesystem::exists(models_ / "int8.bert")) GTEST_SKIP() << "the model is not built";
    if (const auto possible = variants_to_try(settings_.variant, this_cpu()); !possible)
      GTEST_SKIP() << possible.error().message;
    embedder_ = LocalEmbedder::make(settings_).value();
  }

  Embeddings vectors(std::vector<std::string> texts, EmbedPurpose purpose) {
    auto answer = embed(*embedder_, std::move(texts), purpose);
    EXPECT_TRUE(answer.has_value()) << answer.error().message << ": " << answer.error().detail;
    return answer.value_or(Embeddings{});
  }

  LocalEmbedderSettings settings_;
  std::filesystem::path models_;
  std::unique_ptr<LocalEmbedder> embedder_;
};

TEST_P(WithModel, GoldenTexts_AreCloseToReference) {
  const double wanted = settings_.variant == "int8" || settings_.variant == "auto" ? 0.99 : 0.999;
  const auto golden = read_golden(models_ / (settings_.model + ".golden")).value();
  for (const EmbedPurpose purpose : {EmbedPurpose::kQuery, EmbedPurpose::kPassage}) {
    std::vector<GoldenVector> some;
    std::ranges::copy_if(golden, std::back_inserter(some),
                         [&](const auto& g) { return g.purpose == purpose; });
    std::vector<std::string> texts;
    for (const auto& g : some) texts.push_back(g.text);
    const Embeddings got = vectors(texts, purpose);
    ASSERT_EQ(got.count(), some.size());
    for (std::size_t i = 0; i < some.size(); ++i) {
      EXPECT_GE(cosine(got.row(i), some[i].vector), wanted) << some[i].text;
      EXPECT_NEAR(length_of(got.row(i)), 1, 1e-5);
    }
  }
}

TEST_P(WithModel, TextWithoutTokens_GivesZeroRow) {
  const Embeddings got = vectors({"rock", "", " \n"}, EmbedPurpose::kPassage);
  ASSERT_EQ(got.count(), 3U);
  EXPECT_NEAR(length_of(got.row(0)), 1, 1e-5);
  EXPECT_THAT(got.row(1), Each(0.0F));
  EXPECT_THAT(got.row(2), Each(0.0F));
}

TEST_P(WithModel, NoTexts_GivesNoRows) { EXPECT_EQ(vectors({}, EmbedPurpose::kPassage).count(), 0U); }

TEST_P(WithModel, ManyLengths_KeepTheirOrder) {
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < 40; ++i) {
    std::string text = "passage number " + std::to_string(i);
    for (std::size_t j = 0; j < (i * 7) % 40 * 8; ++j) text += " of water";
    texts.push_back(std::move(text));
  }
  const Embeddings together = vectors(texts, EmbedPurpose::kPassage);
  for (const std::size_t i : {0U, 13U, 39U}) {
    const Embeddings alone = vectors({texts[i]}, EmbedPurpose::kPassage);
    EXPECT_GT(cosine(together.row(i), alone.row(0)), 0.995) << i;
  }
}

TEST_P(WithModel, CancelledBetweenBatches_Ends) {
  std::stop_source stop;
  auto ctx = base::background_context(base::TenantId("default"), stop.get_token());
  stop.request_stop();
  const auto answer = embed(*embedder_, std::vector<std::string>(200, "text"), EmbedPurpose::kPassage, ctx);
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().kind, ErrorKind::kCancelled);
}

INSTANTIATE_TEST_SUITE_P(Models, WithModel,
                         ::testing::Values(std::pair{"minilm", "auto"}, std::pair{"minilm", "int8"},
                                           std::pair{"minilm", "bf16"}, std::pair{"e5", "auto"},
                                           std::pair{"e5", "int8"}),
                         [](const auto& info) {
                           return std::string(info.param.first) + "_" + info.param.second;
                         });

}  // namespace
}  // namespace caprock::providers
