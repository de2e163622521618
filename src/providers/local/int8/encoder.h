#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/result.h"
#include "providers/local/int8/kernels.h"
#include "providers/local/int8/packed_model.h"
#include "providers/local/session.h"

namespace caprock::providers::int8 {

/// Runs texts through a packed model on the calling thread. Texts stand one after the other, whatever their
/// lengths: nothing is padded. Needs `supported()`.
class Encoder final : public Session {
 public:
  explicit Encoder(std::shared_ptr<const PackedModel> model);

  std::size_t dimension() const override { return model_->header().hidden; }
  bool pads() const override { return false; }
  /// kInternal for a token or a length that the model does not know, an empty text, or `out` of another size.
  base::Result<void> run(Texts texts, std::span<float> out) override;

 private:
  /// Rows in bytes, with the memory they are in.
  struct Quantised {
    std::vector<std::int8_t> values;
    std::vector<float> scales;
    std::vector<std::int32_t> corrections;
    QuantisedRows view(std::size_t width);
    void fit(std::size_t rows, std::size_t width);
  };
  base::Result<void> check(Texts texts, std::span<float> out) const;
  void fit(std::size_t tokens, std::size_t longest);
  void pass(Texts texts, std::span<float> out);
  void embed(Texts texts);
  void layer(const LayerView& layer, Texts texts, std::size_t rows);

  std::shared_ptr<const PackedModel> model_;
  std::vector<float> x_;        ///< [tokens, hidden]
  std::vector<float> wide_;     ///< [tokens, 3 · hidden]: queries, keys, values
  std::vector<float> context_;  ///< [tokens, hidden]
  std::vector<float> tile_;     ///< [tokens, kGroup]
  std::vector<float> scratch_;  ///< of `attend`
  Quantised narrow_rows_;       ///< [tokens, hidden]
  Quantised wide_rows_;         ///< [tokens, intermediate]
};

}  // namespace caprock::providers::int8
