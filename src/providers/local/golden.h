#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "llm/embedder.h"

namespace caprock::providers {

/// A text and what an independent implementation in f32 makes of it (golden/make_golden.py).
struct GoldenVector {
  llm::EmbedPurpose purpose;
  std::string text;
  std::vector<float> vector;  ///< of unit length
};

/// Reads a .golden file: lines of "q|p", text, and the vector as 16-bit big-endian integers in hex, of
/// 1/32767 each, with tabs between. kUnavailable when it cannot be read or a line is malformed.
base::Result<std::vector<GoldenVector>> read_golden(const std::filesystem::path& file);

/// Of vectors of any length; 0 where one of them is zero.
double cosine(std::span<const float> a, std::span<const float> b);

/// Scales to length 1; a zero vector stays zero.
void normalise(std::span<float> vector);

}  // namespace caprock::providers
