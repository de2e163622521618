#pragma once

#include <cstddef>
#include <cstdint>

#include "providers/local/int8/format.h"

namespace caprock::providers::int8 {

// The arithmetic of an encoder's layer. One implementation, for AVX512-VNNI (kernels_avx512.cc); nothing here
// may be called unless `supported()`. All functions are pure, on any thread. Matrices are row-major; rows of
// floats and of bytes begin anywhere.

/// Whether this processor has AVX512 F, BW, VL, DQ and VNNI.
bool supported();

/// Rows of numbers in bytes, by groups of kGroup: number = value · scale of its group.
struct QuantisedRows {
  std::int8_t* values = nullptr;        ///< [rows, width]
  float* scales = nullptr;              ///< [rows, width / kGroup]
  std::int32_t* corrections = nullptr;  ///< [rows, width / kGroup]: what the weights' offset adds, negated
  std::size_t width = 0;
};

void quantise(const float* x, std::size_t rows, const QuantisedRows& out);

/// out[rows, w.out] = a · wᵀ + bias.
void linear(const QuantisedRows& a, std::size_t rows, const LinearView& w, float* out);
/// The same, added to what `out` holds.
void linear_add(const QuantisedRows& a, std::size_t rows, const LinearView& w, float* out);
/// out = quantised gelu(a · wᵀ + bias); `tile` is scratch of [rows, kGroup].
void linear_gelu(const QuantisedRows& a, std::size_t rows, const LinearView& w, const QuantisedRows& out,
                 float* tile);

/// x[rows, width] = layer norm of each row, in place. https://arxiv.org/abs/1607.06450
void normalise_rows(float* x, std::size_t rows, std::size_t width, const NormView& norm, float epsilon);

/// out[width] = values · scale + position.
void embed_word(const std::int8_t* values, float scale, const float* position, std::size_t width, float* out);

/// Numbers of one head that the kernel is written for.
constexpr std::size_t kHeadWidth = 32;
/// Floats of scratch that `attend` needs for a text of so many tokens.
std::size_t attend_scratch(std::size_t tokens);
/// Scaled dot-product attention over one text. `qkv` is [tokens, 3 · heads · kHeadWidth]: queries, keys,
/// values; `context` is [tokens, heads · kHeadWidth]. https://arxiv.org/abs/1706.03762
void attend(const float* qkv, std::size_t tokens, std::size_t heads, float* context, float* scratch);

/// out[width] = mean of x[rows, width].
void mean_rows(const float* x, std::size_t rows, std::size_t width, float* out);

}  // namespace caprock::providers::int8
