#pragma once

#include <filesystem>
#include <memory>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "providers/local/int8/format.h"

namespace caprock::providers::int8 {

struct LayerView {
  LinearView query_key_value;
  LinearView attention_out;
  NormView attention_norm;
  LinearView wide;
  LinearView narrow;
  NormView output_norm;
};

/// An int8.bert file, mapped: its weights are read by the system where and when they are used, and shared by
/// all processes. Immutable, any thread.
class PackedModel {
 public:
  /// kUnavailable, with the reason in `detail`, when the file cannot be mapped, is none, has sizes that the
  /// kernels are not written for, or another length than they say.
  static base::Result<std::shared_ptr<const PackedModel>> open(const std::filesystem::path& file);
  ~PackedModel();
  PackedModel(const PackedModel&) = delete;
  PackedModel& operator=(const PackedModel&) = delete;

  const Header& header() const { return header_; }
  const std::int8_t* word(std::size_t id) const { return words_ + id * header_.hidden; }
  float word_scale(std::size_t id) const { return word_scales_[id]; }
  const float* position(std::size_t at) const { return positions_ + at * header_.hidden; }
  const NormView& embedding_norm() const { return embedding_norm_; }
  const std::vector<LayerView>& layers() const { return layers_; }

  /// Looks at bytes that live as long as it is used, aligned to kAlignment; for tests and the fuzz target.
  static base::Result<std::unique_ptr<PackedModel>> read(std::string_view bytes);

 private:
  PackedModel() = default;
  base::Result<void> parse(std::string_view bytes);

  void* mapped_ = nullptr;
  std::size_t mapped_size_ = 0;
  Header header_{};
  const std::int8_t* words_ = nullptr;
  const float* word_scales_ = nullptr;
  const float* positions_ = nullptr;
  NormView embedding_norm_;
  std::vector<LayerView> layers_;
};

}  // namespace caprock::providers::int8
