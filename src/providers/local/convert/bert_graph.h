#pragma once

#include <memory>
#include <openvino/core/model.hpp>

#include "providers/local/convert/weights.h"

namespace caprock::convert {

/// Inputs `ids` and `mask` (i32 [batch, length]; mask 1 = token, 0 = padding); output `pooled` (f32 [batch,
/// hidden]): the mean of the last hidden states over the tokens, not normalised.
std::shared_ptr<ov::Model> build_bert(const BertWeights& weights);

}  // namespace caprock::convert
