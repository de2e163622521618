#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace caprock::stores {

/// The bits of an IEEE 754 binary16 number: what the numbers of a vector are kept as in memory. Half the
/// space and half the traffic of floats; a cosine of unit vectors moves by some 1e-5.
enum class Half : std::uint16_t {};

/// The inner loops of a search, for rows of any size.
struct Kernels {
  std::string_view name;
  /// Nearest numbers; what is beyond ±65504 becomes infinite.
  void (*to_half)(const float* from, Half* to, std::size_t size);
  float (*dot)(const float* query, const Half* row, std::size_t size);
  float (*dot_rows)(const Half* a, const Half* b, std::size_t size);
};

/// The fastest ones that this processor has (AVX-512, AVX2 with FMA and F16C, or plain code): the program
/// itself is built for any x86-64 or aarch64, on which plain code becomes NEON.
const Kernels& best_kernels();
/// Plain code, the reference of the others.
const Kernels& plain_kernels();

}  // namespace caprock::stores
