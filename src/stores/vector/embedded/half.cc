#include "stores/vector/embedded/half.h"

#include <bit>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace caprock::stores {
namespace {

// _Float16 is an extension that both compilers have on both architectures; nothing but these two lines knows
// of it.
float widen(Half half) { return static_cast<float>(std::bit_cast<_Float16>(half)); }
Half narrow(float number) { return std::bit_cast<Half>(static_cast<_Float16>(number)); }

void to_half_plain(const float* from, Half* to, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) to[i] = narrow(from[i]);
}

float dot_plain(const float* query, const Half* row, std::size_t size) {
  float sum = 0;
  for (std::size_t i = 0; i < size; ++i) sum += query[i] * widen(row[i]);
  return sum;
}

float dot_plain(const Half* a, const Half* b, std::size_t size) {
  float sum = 0;
  for (std::size_t i = 0; i < size; ++i) sum += widen(a[i]) * widen(b[i]);
  return sum;
}

constexpr Kernels kPlain{"plain", to_half_plain, dot_plain, dot_plain};

#if defined(__x86_64__)

// Two sums side by side hide the latency of the multiply-add.
#define CAPROCK_AVX2 __attribute__((target("avx2,fma,f16c")))
#define CAPROCK_AVX512 __attribute__((target("avx512f,f16c")))

CAPROCK_AVX2 __m256 load(const float* at) { return _mm256_loadu_ps(at); }
CAPROCK_AVX2 __m256 load(const Half* at) {
  return _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(at)));
}

CAPROCK_AVX2 float sum_of(__m256 s) {
  const __m128 half = _mm_add_ps(_mm256_castps256_ps128(s), _mm256_extractf128_ps(s, 1));
  const __m128 pair = _mm_add_ps(half, _mm_movehl_ps(half, half));
  return _mm_cvtss_f32(_mm_add_ss(pair, _mm_shuffle_ps(pair, pair, 1)));
}

template <class A>
CAPROCK_AVX2 float dot_avx2(const A* a, const Half* b, std::size_t size) {
  __m256 s0 = _mm256_setzero_ps();
  __m256 s1 = s0;
  std::size_t i = 0;
  for (; i + 16 <= size; i += 16) {
    s0 = _mm256_fmadd_ps(load(a + i), load(b + i), s0);
    s1 = _mm256_fmadd_ps(load(a + i + 8), load(b + i + 8), s1);
  }
  return sum_of(_mm256_add_ps(s0, s1)) + dot_plain(a + i, b + i, size - i);
}

CAPROCK_AVX2 void to_half_f16c(const float* from, Half* to, std::size_t size) {
  std::size_t i = 0;
  for (; i + 8 <= size; i += 8)
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to + i),
                     _mm256_cvtps_ph(_mm256_loadu_ps(from + i), _MM_FROUND_TO_NEAREST_INT));
  to_half_plain(from + i, to + i, size - i);
}

CAPROCK_AVX512 __m512 load_wide(const float* at) { return _mm512_loadu_ps(at); }
CAPROCK_AVX512 __m512 load_wide(const Half* at) {
  return _mm512_cvtph_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(at)));
}

template <class A>
CAPROCK_AVX512 float dot_avx512(const A* a, const Half* b, std::size_t size) {
  __m512 s0 = _mm512_setzero_ps();
  __m512 s1 = s0;
  std::size_t i = 0;
  for (; i + 32 <= size; i += 32) {
    s0 = _mm512_fmadd_ps(load_wide(a + i), load_wide(b + i), s0);
    s1 = _mm512_fmadd_ps(load_wide(a + i + 16), load_wide(b + i + 16), s1);
  }
  return _mm512_reduce_add_ps(_mm512_add_ps(s0, s1)) + dot_plain(a + i, b + i, size - i);
}

#undef CAPROCK_AVX2
#undef CAPROCK_AVX512

constexpr Kernels kAvx2{"avx2", to_half_f16c, dot_avx2<float>, dot_avx2<Half>};
constexpr Kernels kAvx512{"avx512", to_half_f16c, dot_avx512<float>, dot_avx512<Half>};

const Kernels& choose() {
  const bool f16c = __builtin_cpu_supports("f16c") != 0 && __builtin_cpu_supports("avx2") != 0 &&
                    __builtin_cpu_supports("fma") != 0;
  if (f16c && __builtin_cpu_supports("avx512f") != 0) return kAvx512;
  return f16c ? kAvx2 : kPlain;
}

#else

const Kernels& choose() { return kPlain; }

#endif

}  // namespace

const Kernels& best_kernels() {
  static const Kernels& chosen = choose();
  return chosen;
}

const Kernels& plain_kernels() { return kPlain; }

}  // namespace caprock::stores
