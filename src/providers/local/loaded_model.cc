#include "providers/local/loaded_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>

#include "base/log.h"
#include "providers/local/int8/encoder.h"
#include "providers/local/tokenizer/unigram.h"
#include "providers/local/tokenizer/wordpiece.h"

namespace caprock::providers {
namespace {

using base::failure;
using base::Result;

/// Of the golden vectors, as many as show a variant that computes wrongly.
constexpr std::size_t kSelfCheckTexts = 3;

base::Error unavailable(std::string message, std::string detail = {}) {
  return base::Error(base::ErrorKind::kUnavailable, std::move(message))
      .with_detail(std::move(detail))
      .with_origin({.component = "local embeddings"});
}

Result<std::string> read_text(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in)
    return failure(unavailable("the embedding model is not installed: share/caprock/models/" +
                                   file.parent_path().filename().string() + "/" + file.filename().string() +
                                   " (component 'embeddings') is missing",
                               file.string()));
  return std::string(std::istreambuf_iterator<char>(in), {});
}

Result<std::unique_ptr<Tokenizer>> make_tokenizer(TokenizerKind kind, const std::filesystem::path& folder) {
  if (kind == TokenizerKind::kUnigram) {
    CAPROCK_TRY(std::string table, read_text(folder / "unigram.bin"));
    return Unigram::make(std::move(table));
  }
  CAPROCK_TRY(std::string vocabulary, read_text(folder / "vocab.txt"));
  return WordPiece::make(std::move(vocabulary));
}

}  // namespace

Result<std::unique_ptr<LoadedModel>> LoadedModel::load(const Options& options) {
  std::unique_ptr<LoadedModel> model(new LoadedModel(options));
  CAPROCK_CHECK(model->read_files());
  CAPROCK_CHECK(model->choose_variant());
  return model;
}

Result<void> LoadedModel::read_files() {
  CAPROCK_TRY(tokenizer_, make_tokenizer(options_.spec.tokenizer, options_.model_dir));
  CAPROCK_TRY(golden_, read_golden(options_.model_dir / (std::string(options_.spec.key) + ".golden")));
  return {};
}

std::vector<std::int32_t> LoadedModel::encode(std::string_view text, llm::EmbedPurpose purpose) const {
  const std::string_view prefix =
      purpose == llm::EmbedPurpose::kQuery ? options_.spec.query_prefix : options_.spec.passage_prefix;
  const auto has_tokens = [&] { return tokenizer_->encode(text, kMarks + 1).size() > kMarks; };
  if (prefix.empty()) return tokenizer_->encode(text, options_.max_tokens);
  if (!has_tokens()) return tokenizer_->encode("", kMarks);
  return tokenizer_->encode(std::string(prefix).append(text), options_.max_tokens);
}

/// Opens what the variant needs besides a session.
Result<void> LoadedModel::use(const Variant& variant) {
  variant_ = variant;
  packed_ = nullptr;
  if (!variant.by_engine()) {
    CAPROCK_TRY(packed_, int8::PackedModel::open(options_.model_dir / variant.file));
  } else if (!library_) {
    CAPROCK_TRY(library_, EngineLibrary::open(options_.library_dir));
  }
  return {};
}

Result<std::unique_ptr<Session>> LoadedModel::open_session(int threads) const {
  if (packed_) return std::make_unique<int8::Encoder>(packed_);
  CAPROCK_TRY(auto session, EngineSession::open(library_, {.model = options_.model_dir / variant_.file,
                                                           .precision = std::string(variant_.precision),
                                                           .threads = threads,
                                                           .padding = tokenizer_->padding()}));
  return session;
}

Result<double> LoadedModel::worst_cosine(Session& session) const {
  double worst = 1;
  for (std::size_t i = 0; i < std::min(kSelfCheckTexts, golden_.size()); ++i) {
    const std::vector<std::int32_t> tokens = encode(golden_[i].text, golden_[i].purpose);
    const std::vector<std::int32_t>* const alone[] = {&tokens};
    std::vector<float> vector(session.dimension());
    CAPROCK_CHECK(session.run(alone, vector));
    worst = std::min(worst, cosine(vector, golden_[i].vector));
  }
  return worst;
}

Result<void> LoadedModel::choose_variant() {
  CAPROCK_TRY(const auto candidates, variants_to_try(options_.variant, this_cpu()));
  std::string reasons;
  for (const Variant& candidate : candidates) {
    std::string reason;
    if (auto used = use(candidate); !used) {
      if (candidate.by_engine()) return used;  // no library: nor will another variant of it do
      reason = used.error().detail;
    } else if (auto session = open_session(1); !session) {
      reason = session.error().detail;
    } else if (const auto worst = worst_cosine(**session); !worst) {
      reason = worst.error().detail;
    } else if (*worst < candidate.min_cosine) {
      reason = fmt::format("cosine {:.4f} to the reference", *worst);
    } else {
      base::log(base::LogLevel::kInfo, "embedding model loaded",
                {{"model", options_.spec.name}, {"variant", variant_.name}, {"cosine", *worst}});
      return {};
    }
    base::log(base::LogLevel::kWarn, "embedding variant failed its self-check",
              {{"model", options_.spec.name}, {"variant", candidate.name}, {"reason", reason}});
    reasons += fmt::format("{}{}: {}", reasons.empty() ? "" : "; ", candidate.name, reason);
  }
  return failure(
      unavailable("the embedding model failed its self-check on this processor", std::move(reasons)));
}

}  // namespace caprock::providers
