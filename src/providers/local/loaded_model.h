#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "llm/embedder.h"
#include "providers/local/engine_library.h"
#include "providers/local/golden.h"
#include "providers/local/int8/packed_model.h"
#include "providers/local/model_spec.h"
#include "providers/local/tokenizer/tokenizer.h"
#include "providers/local/variant.h"

namespace caprock::providers {

/// A model from disk with the variant that passed its self-check. Immutable, any thread; sessions are made
/// from it.
class LoadedModel {
 public:
  struct Options {
    ModelSpec spec;
    std::filesystem::path library_dir;
    std::filesystem::path model_dir;
    std::string variant = "auto";
    std::size_t max_tokens = 256;
  };
  /// Tries the variants, fastest first, until one gives the golden vectors. kUnavailable says what is
  /// missing, or of every variant why it was not taken.
  static base::Result<std::unique_ptr<LoadedModel>> load(const Options& options);

  std::vector<std::int32_t> encode(std::string_view text, llm::EmbedPurpose purpose) const;
  /// A session that computes on `threads` threads; on the caller's alone where `one_thread_a_session()`.
  base::Result<std::unique_ptr<Session>> open_session(int threads) const;
  bool one_thread_a_session() const { return packed_ != nullptr; }
  const Tokenizer& tokenizer() const { return *tokenizer_; }
  const Variant& variant() const { return variant_; }
  const std::vector<GoldenVector>& golden() const { return golden_; }

 private:
  explicit LoadedModel(Options options) : options_(std::move(options)) {}
  base::Result<void> read_files();
  base::Result<void> use(const Variant& variant);
  base::Result<double> worst_cosine(Session& session) const;
  base::Result<void> choose_variant();

  Options options_;
  std::shared_ptr<const EngineLibrary> library_;     ///< for variants of the engine
  std::shared_ptr<const int8::PackedModel> packed_;  ///< for ours
  std::unique_ptr<Tokenizer> tokenizer_;
  std::vector<GoldenVector> golden_;
  Variant variant_;
};

}  // namespace caprock::providers
