#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include "base/result.h"
#include "providers/local/engine/engine.h"
#include "providers/local/session.h"

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

/// The length that a text of `tokens` is padded to: few different ones, for the engine prepares itself for
/// each shape it has not seen.
std::size_t padded_length(std::size_t tokens);

/// A model compiled by the engine.
class EngineSession final : public Session {
 public:
  struct Options {
    std::filesystem::path model;
    std::string precision;
    int threads = 1;           ///< that one batch is spread over
    std::int32_t padding = 0;  ///< the token that fills a text up
  };
  /// kUnavailable with the engine's own reason in `detail`.
  static base::Result<std::unique_ptr<EngineSession>> open(std::shared_ptr<const EngineLibrary> library,
                                                           const Options& options);
  ~EngineSession() override;
  EngineSession(const EngineSession&) = delete;
  EngineSession& operator=(const EngineSession&) = delete;

  std::size_t dimension() const override;
  bool pads() const override { return true; }
  base::Result<void> run(Texts texts, std::span<float> out) override;

 private:
  EngineSession(std::shared_ptr<const EngineLibrary> library, caprock_embed_session* session,
                std::int32_t padding)
      : library_(std::move(library)), session_(session), padding_(padding) {}
  std::shared_ptr<const EngineLibrary> library_;
  caprock_embed_session* session_;
  std::int32_t padding_;
};

}  // namespace caprock::providers
