#pragma once

#include <cstddef>
#include <string_view>

namespace caprock::stores {

/// The inner product of two rows of `size` floats.
using DotFunction = float (*)(const float* a, const float* b, std::size_t size);

/// The fastest one that this processor has (AVX-512, AVX2 with FMA, NEON, or plain code): the program itself
/// is built for any x86-64 or aarch64.
DotFunction best_dot();
std::string_view best_dot_name();
/// Plain code, the reference of the others.
float dot_plain(const float* a, const float* b, std::size_t size);

}  // namespace caprock::stores
