#include "stores/vector/embedded/dot.h"

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

namespace caprock::stores {

float dot_plain(const float* a, const float* b, std::size_t size) {
  float sum = 0;
  for (std::size_t i = 0; i < size; ++i) sum += a[i] * b[i];
  return sum;
}

namespace {

struct Choice {
  DotFunction function;
  std::string_view name;
};

// Two to four sums side by side hide the latency of the multiply-add.
#if defined(__x86_64__)

__attribute__((target("avx2,fma"))) float dot_avx2(const float* a, const float* b, std::size_t size) {
  __m256 s0 = _mm256_setzero_ps();
  __m256 s1 = s0;
  __m256 s2 = s0;
  __m256 s3 = s0;
  std::size_t i = 0;
  for (; i + 32 <= size; i += 32) {
    s0 = _mm256_fmadd_ps(_mm256_loadu_ps(a + i), _mm256_loadu_ps(b + i), s0);
    s1 = _mm256_fmadd_ps(_mm256_loadu_ps(a + i + 8), _mm256_loadu_ps(b + i + 8), s1);
    s2 = _mm256_fmadd_ps(_mm256_loadu_ps(a + i + 16), _mm256_loadu_ps(b + i + 16), s2);
    s3 = _mm256_fmadd_ps(_mm256_loadu_ps(a + i + 24), _mm256_loadu_ps(b + i + 24), s3);
  }
  const __m256 s = _mm256_add_ps(_mm256_add_ps(s0, s1), _mm256_add_ps(s2, s3));
  const __m128 half = _mm_add_ps(_mm256_castps256_ps128(s), _mm256_extractf128_ps(s, 1));
  const __m128 pair = _mm_add_ps(half, _mm_movehl_ps(half, half));
  const float sum = _mm_cvtss_f32(_mm_add_ss(pair, _mm_shuffle_ps(pair, pair, 1)));
  return sum + dot_plain(a + i, b + i, size - i);
}

__attribute__((target("avx512f"))) float dot_avx512(const float* a, const float* b, std::size_t size) {
  __m512 s0 = _mm512_setzero_ps();
  __m512 s1 = s0;
  std::size_t i = 0;
  for (; i + 32 <= size; i += 32) {
    s0 = _mm512_fmadd_ps(_mm512_loadu_ps(a + i), _mm512_loadu_ps(b + i), s0);
    s1 = _mm512_fmadd_ps(_mm512_loadu_ps(a + i + 16), _mm512_loadu_ps(b + i + 16), s1);
  }
  return _mm512_reduce_add_ps(_mm512_add_ps(s0, s1)) + dot_plain(a + i, b + i, size - i);
}

Choice choose() {
  if (__builtin_cpu_supports("avx512f")) return {dot_avx512, "avx512"};
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return {dot_avx2, "avx2"};
  return {dot_plain, "plain"};
}

#elif defined(__aarch64__)

float dot_neon(const float* a, const float* b, std::size_t size) {
  float32x4_t s0 = vdupq_n_f32(0);
  float32x4_t s1 = s0;
  std::size_t i = 0;
  for (; i + 8 <= size; i += 8) {
    s0 = vfmaq_f32(s0, vld1q_f32(a + i), vld1q_f32(b + i));
    s1 = vfmaq_f32(s1, vld1q_f32(a + i + 4), vld1q_f32(b + i + 4));
  }
  return vaddvq_f32(vaddq_f32(s0, s1)) + dot_plain(a + i, b + i, size - i);
}

Choice choose() { return {dot_neon, "neon"}; }

#else

Choice choose() { return {dot_plain, "plain"}; }

#endif

const Choice& choice() {
  static const Choice kChosen = choose();
  return kChosen;
}

}  // namespace

DotFunction best_dot() { return choice().function; }
std::string_view best_dot_name() { return choice().name; }

}  // namespace caprock::stores
