#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include "base/result.h"
#include "providers/local/batch_queue.h"
#include "providers/local/engine/engine.h"

namespace caprock::providers {

/// libcaprock_embed.so, opened at first use and never closed (OpenVINO's threads would outlive it).
class EngineLibrary {
 public:
  /// kUnavailable with the file that was looked for, or why it could not be opened.
  static base::Result<std::shared_ptr<const EngineLibrary>> open(const std::filesystem::path& folder);

 private:
  friend class EngineSession;
  EngineLibrary() = default;
  decltype(&caprock_embed_open) open_ = nullptr;
  decltype(&caprock_embed_dimension) dimension_ = nullptr;
  decltype(&caprock_embed_run) run_ = nullptr;
  decltype(&caprock_embed_close) close_ = nullptr;
};

/// A compiled model. One thread at a time.
class EngineSession {
 public:
  struct Options {
    std::filesystem::path model;
    std::string precision;
    int threads = 1;         ///< that one batch is spread over
    int quantise_group = 0;  ///< 0: activations are not quantised
  };
  /// kUnavailable with the engine's own reason in `detail`.
  static base::Result<std::unique_ptr<EngineSession>> open(std::shared_ptr<const EngineLibrary> library,
                                                           const Options& options);
  ~EngineSession();
  EngineSession(const EngineSession&) = delete;
  EngineSession& operator=(const EngineSession&) = delete;

  std::size_t dimension() const;
  /// Means over the tokens of each text, [texts, dimension], into `out`. kInternal when the engine fails.
  base::Result<void> run(const PaddedBatch& batch, std::size_t texts, std::size_t length,
                         std::span<float> out);

 private:
  EngineSession(std::shared_ptr<const EngineLibrary> library, caprock_embed_session* session)
      : library_(std::move(library)), session_(session) {}
  std::shared_ptr<const EngineLibrary> library_;
  caprock_embed_session* session_;
};

}  // namespace caprock::providers
