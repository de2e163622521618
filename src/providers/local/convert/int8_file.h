#pragma once

#include <filesystem>

#include "providers/local/convert/weights.h"

namespace caprock::convert {

/// Writes the file that providers/local/int8 computes from: one signed byte a weight, with a scale for each
/// output (and each word). Throws std::runtime_error when it cannot be written.
void write_int8(const BertWeights& weights, const std::filesystem::path& path);

}  // namespace caprock::convert
