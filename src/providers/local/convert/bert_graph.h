#pragma once

#include <cstdint>
#include <memory>
#include <openvino/core/model.hpp>

#include "providers/local/convert/weights.h"

namespace caprock::convert {

/// How weights are kept. kFull is f32 in the graph and becomes f16 when the model is saved compressed; kInt8
/// is one signed byte a weight with a scale per output row, which lets the CPU plugin quantise activations as
/// it goes.
enum class WeightFormat : std::uint8_t { kFull, kInt8 };

/// Inputs `ids` and `mask` (i32 [batch, length]; mask 1 = token, 0 = padding); output `pooled` (f32 [batch,
/// hidden]): the mean of the last hidden states over the tokens, not normalised.
std::shared_ptr<ov::Model> build_bert(const BertWeights& weights, WeightFormat format);

}  // namespace caprock::convert
