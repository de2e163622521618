// Compiled for AVX512-VNNI, whatever the rest of the program is compiled for: so it includes nothing whose
// inline functions another file might get from here.
#include <immintrin.h>

#include "providers/local/int8/kernels.h"

namespace caprock::providers::int8 {
namespace {

constexpr std::size_t kLanes = 16;
/// Rows of a tile: with two vectors a row, 12 sums in integers, 12 in floats and the operands fill the 32
/// registers.
constexpr int kTileRows = 6;
constexpr std::size_t kGroupQuads = kGroup / kQuad;

__m512i broadcast_quad(const std::int8_t* at) {
  int quad;  // NOLINT(cppcoreguidelines-init-variables): four bytes, wherever they stand
  __builtin_memcpy(&quad, at, sizeof quad);
  return _mm512_set1_epi32(quad);
}

/// Where a tile's rows of `a` are, and its outputs.
struct Tile {
  const std::int8_t* values;
  const float* scales;
  const std::int32_t* corrections;
  std::size_t width;  ///< of `values`; scales and corrections have width / kGroup a row
  const std::uint8_t* panel;
  const float* weight_scales;
  const float* bias;
  float* out;
  std::size_t out_width;
};

/// Rows × 32 outputs. Products of bytes are summed exactly within a group, groups in floats.
template <int Rows, bool Add>
void compute(const Tile& t) {
  const std::size_t groups = t.width / kGroup;
  __m512 sums[Rows][2];
#pragma unroll
  for (int r = 0; r < Rows; ++r) sums[r][0] = sums[r][1] = _mm512_setzero_ps();
  const std::uint8_t* weights = t.panel;
  for (std::size_t g = 0; g < groups; ++g) {
    __m512i products[Rows][2];
#pragma unroll
    for (int r = 0; r < Rows; ++r)
      products[r][0] = products[r][1] =
          _mm512_set1_epi32(t.corrections[static_cast<std::size_t>(r) * groups + g]);
    const std::int8_t* a = t.values + g * kGroup;
#pragma unroll 4
    for (std::size_t q = 0; q < kGroupQuads; ++q) {
      const __m512i left = _mm512_loadu_si512(weights);
      const __m512i right = _mm512_loadu_si512(weights + 64);
      weights += 128;
#pragma unroll
      for (int r = 0; r < Rows; ++r) {
        const __m512i quad = broadcast_quad(a + static_cast<std::size_t>(r) * t.width + q * kQuad);
        products[r][0] = _mm512_dpbusd_epi32(products[r][0], left, quad);
        products[r][1] = _mm512_dpbusd_epi32(products[r][1], right, quad);
      }
    }
#pragma unroll
    for (int r = 0; r < Rows; ++r) {
      const __m512 scale = _mm512_set1_ps(t.scales[static_cast<std::size_t>(r) * groups + g]);
      sums[r][0] = _mm512_fmadd_ps(_mm512_cvtepi32_ps(products[r][0]), scale, sums[r][0]);
      sums[r][1] = _mm512_fmadd_ps(_mm512_cvtepi32_ps(products[r][1]), scale, sums[r][1]);
    }
  }
#pragma unroll
  for (int half = 0; half < 2; ++half) {
    const std::size_t column = static_cast<std::size_t>(half) * kLanes;
    const __m512 scale = _mm512_loadu_ps(t.weight_scales + column);
    const __m512 bias = _mm512_loadu_ps(t.bias + column);
#pragma unroll
    for (int r = 0; r < Rows; ++r) {
      float* const to = t.out + static_cast<std::size_t>(r) * t.out_width + column;
      __m512 y = _mm512_fmadd_ps(sums[r][half], scale, bias);
      if constexpr (Add) y = _mm512_add_ps(y, _mm512_loadu_ps(to));
      _mm512_storeu_ps(to, y);
    }
  }
}

template <bool Add>
void compute(int rows, const Tile& tile) {
  switch (rows) {
    case 1:
      return compute<1, Add>(tile);
    case 2:
      return compute<2, Add>(tile);
    case 3:
      return compute<3, Add>(tile);
    case 4:
      return compute<4, Add>(tile);
    case 5:
      return compute<5, Add>(tile);
    default:
      return compute<kTileRows, Add>(tile);
  }
}

/// Calls f(first row, rows) for tiles of even height: of 8 rows 4 and 4, for the time of a tile hardly falls
/// with its height.
template <class F>
void for_tiles(std::size_t rows, F f) {
  const std::size_t tiles = (rows + kTileRows - 1) / kTileRows;
  std::size_t first = 0;
  for (std::size_t i = 0; i < tiles; ++i) {
    const std::size_t next = rows * (i + 1) / tiles;
    f(first, static_cast<int>(next - first));
    first = next;
  }
}

/// One panel of 32 outputs for all rows.
template <bool Add>
void panel_of(const QuantisedRows& a, std::size_t rows, const LinearView& w, std::size_t panel, float* out,
              std::size_t out_width) {
  const std::size_t groups = a.width / kGroup;
  for_tiles(rows, [&](std::size_t row, int count) {
    compute<Add>(count, {.values = a.values + row * a.width,
                         .scales = a.scales + row * groups,
                         .corrections = a.corrections + row * groups,
                         .width = a.width,
                         .panel = w.panels + panel * kPanel * w.in,
                         .weight_scales = w.scales + panel * kPanel,
                         .bias = w.bias + panel * kPanel,
                         .out = out + row * out_width,
                         .out_width = out_width});
  });
}

template <bool Add>
void all_panels(const QuantisedRows& a, std::size_t rows, const LinearView& w, float* out) {
  for (std::size_t panel = 0; panel < w.out / kPanel; ++panel)
    panel_of<Add>(a, rows, w, panel, out + panel * kPanel, w.out);
}

/// Four vectors, the numbers of one group.
struct GroupOfFloats {
  __m512 v[4];
};

GroupOfFloats load_group(const float* x) {
  return {{_mm512_loadu_ps(x), _mm512_loadu_ps(x + 16), _mm512_loadu_ps(x + 32), _mm512_loadu_ps(x + 48)}};
}

void quantise_group(const GroupOfFloats& x, std::int8_t* values, float& scale, std::int32_t& correction) {
  const __m512 largest = _mm512_max_ps(_mm512_max_ps(_mm512_abs_ps(x.v[0]), _mm512_abs_ps(x.v[1])),
                                       _mm512_max_ps(_mm512_abs_ps(x.v[2]), _mm512_abs_ps(x.v[3])));
  const float most = _mm512_reduce_max_ps(largest);
  scale = most / 127.0F;
  const __m512 inverse = _mm512_set1_ps(most > 0 ? 127.0F / most : 0.0F);
  __m512i sum = _mm512_setzero_si512();
#pragma unroll
  for (int i = 0; i < 4; ++i) {
    const __m512i numbers = _mm512_cvtps_epi32(_mm512_mul_ps(x.v[i], inverse));
    sum = _mm512_add_epi32(sum, numbers);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(values + static_cast<std::size_t>(i) * kLanes),
                     _mm512_cvtsepi32_epi8(numbers));
  }
  correction = -kWeightOffset * _mm512_reduce_add_epi32(sum);
}

/// x · Φ(x), Φ(x) − ½ by an odd polynomial fitted to the least |error · x| on [−4.2, 4.2] (0.0003 at most),
/// beyond which it is taken as ±½: a thirtieth of the step that follows when a group is quantised.
__m512 gelu(__m512 x) {
  const __m512 limit = _mm512_set1_ps(4.2F);
  const __m512 z = _mm512_max_ps(_mm512_min_ps(x, limit), _mm512_sub_ps(_mm512_setzero_ps(), limit));
  const __m512 s = _mm512_mul_ps(z, z);
  __m512 p = _mm512_set1_ps(-9.613596585467121e-10F);
  p = _mm512_fmadd_ps(p, s, _mm512_set1_ps(8.330134448897297e-08F));
  p = _mm512_fmadd_ps(p, s, _mm512_set1_ps(-3.139961791021051e-06F));
  p = _mm512_fmadd_ps(p, s, _mm512_set1_ps(6.826740718679503e-05F));
  p = _mm512_fmadd_ps(p, s, _mm512_set1_ps(-0.0009607695392332971F));
  p = _mm512_fmadd_ps(p, s, _mm512_set1_ps(0.009337490424513817F));
  p = _mm512_fmadd_ps(p, s, _mm512_set1_ps(-0.06559942662715912F));
  p = _mm512_fmadd_ps(p, s, _mm512_set1_ps(0.398508757352829F));
  return _mm512_mul_ps(x, _mm512_fmadd_ps(p, z, _mm512_set1_ps(0.5F)));
}

/// e^x for x ≤ 0: 2^n · e^r with |r| ≤ ln 2 / 2, the power series to the sixth term (3e-7 relative).
__m512 exponential(__m512 x) {
  const __m512 n = _mm512_roundscale_ps(_mm512_mul_ps(x, _mm512_set1_ps(1.44269504F)),
                                        _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  __m512 r = _mm512_fnmadd_ps(n, _mm512_set1_ps(0.693145752F), x);
  r = _mm512_fnmadd_ps(n, _mm512_set1_ps(1.42860677e-06F), r);
  __m512 p = _mm512_set1_ps(1.0F / 720);
  p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(1.0F / 120));
  p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(1.0F / 24));
  p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(1.0F / 6));
  p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(0.5F));
  p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(1.0F));
  p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(1.0F));
  return _mm512_scalef_ps(p, n);
}

/// Keys are padded to whole vectors.
std::size_t padded(std::size_t tokens) { return (tokens + kLanes - 1) / kLanes * kLanes; }

/// 16 rows of 16 floats, `from_stride` apart, to 16 columns `to_stride` apart. Pairs are
/// interleaved, then pairs of pairs, then quarters of vectors.
void transpose16(const float* from, std::size_t from_stride, float* to, std::size_t to_stride) {
  __m512 a[16];
  __m512 b[16];
#pragma unroll
  for (std::size_t i = 0; i < 16; ++i) a[i] = _mm512_loadu_ps(from + i * from_stride);
#pragma unroll
  for (std::size_t i = 0; i < 16; i += 2) {
    b[i] = _mm512_unpacklo_ps(a[i], a[i + 1]);
    b[i + 1] = _mm512_unpackhi_ps(a[i], a[i + 1]);
  }
#pragma unroll
  for (std::size_t i = 0; i < 16; i += 4) {
    const auto pair = [](__m512 x) { return _mm512_castps_pd(x); };
    a[i] = _mm512_castpd_ps(_mm512_unpacklo_pd(pair(b[i]), pair(b[i + 2])));
    a[i + 1] = _mm512_castpd_ps(_mm512_unpackhi_pd(pair(b[i]), pair(b[i + 2])));
    a[i + 2] = _mm512_castpd_ps(_mm512_unpacklo_pd(pair(b[i + 1]), pair(b[i + 3])));
    a[i + 3] = _mm512_castpd_ps(_mm512_unpackhi_pd(pair(b[i + 1]), pair(b[i + 3])));
  }
#pragma unroll
  for (std::size_t i = 0; i < 4; ++i) {
    b[i] = _mm512_shuffle_f32x4(a[i], a[i + 4], 0x88);
    b[i + 4] = _mm512_shuffle_f32x4(a[i], a[i + 4], 0xdd);
    b[i + 8] = _mm512_shuffle_f32x4(a[i + 8], a[i + 12], 0x88);
    b[i + 12] = _mm512_shuffle_f32x4(a[i + 8], a[i + 12], 0xdd);
  }
#pragma unroll
  for (std::size_t i = 0; i < 4; ++i) {
    _mm512_storeu_ps(to + i * to_stride, _mm512_shuffle_f32x4(b[i], b[i + 8], 0x88));
    _mm512_storeu_ps(to + (i + 4) * to_stride, _mm512_shuffle_f32x4(b[i + 4], b[i + 12], 0x88));
    _mm512_storeu_ps(to + (i + 8) * to_stride, _mm512_shuffle_f32x4(b[i], b[i + 8], 0xdd));
    _mm512_storeu_ps(to + (i + 12) * to_stride, _mm512_shuffle_f32x4(b[i + 4], b[i + 12], 0xdd));
  }
}

/// scores[Rows, Vectors · 16 at `column`] = q · keysᵀ for some queries and keys.
template <int Rows, int Vectors>
void score_tile(const float* q, std::size_t q_width, const float* keys, std::size_t columns, float* scores) {
  __m512 sums[Rows][Vectors];
#pragma unroll
  for (int r = 0; r < Rows; ++r)
#pragma unroll
    for (int v = 0; v < Vectors; ++v) sums[r][v] = _mm512_setzero_ps();
#pragma unroll 2
  for (std::size_t d = 0; d < kHeadWidth; ++d) {
    __m512 key[Vectors];
#pragma unroll
    for (int v = 0; v < Vectors; ++v)
      key[v] = _mm512_loadu_ps(keys + d * columns + static_cast<std::size_t>(v) * kLanes);
#pragma unroll
    for (int r = 0; r < Rows; ++r) {
      const __m512 query = _mm512_set1_ps(q[static_cast<std::size_t>(r) * q_width + d]);
#pragma unroll
      for (int v = 0; v < Vectors; ++v) sums[r][v] = _mm512_fmadd_ps(query, key[v], sums[r][v]);
    }
  }
#pragma unroll
  for (int r = 0; r < Rows; ++r)
#pragma unroll
    for (int v = 0; v < Vectors; ++v)
      _mm512_storeu_ps(scores + static_cast<std::size_t>(r) * columns + static_cast<std::size_t>(v) * kLanes,
                       sums[r][v]);
}

template <int Rows>
void scores_of(const float* q, std::size_t q_width, const float* keys, std::size_t columns, float* scores) {
  std::size_t at = 0;
  for (; at + 4 * kLanes <= columns; at += 4 * kLanes)
    score_tile<Rows, 4>(q, q_width, keys + at, columns, scores + at);
  switch ((columns - at) / kLanes) {
    case 1:
      return score_tile<Rows, 1>(q, q_width, keys + at, columns, scores + at);
    case 2:
      return score_tile<Rows, 2>(q, q_width, keys + at, columns, scores + at);
    case 3:
      return score_tile<Rows, 3>(q, q_width, keys + at, columns, scores + at);
    default:
      return;
  }
}

/// Softmax numerators of one row of scores, in place; returns 1 / their sum. What stands for padding becomes
/// 0.
float soften(float* scores, std::size_t tokens, std::size_t columns) {
  const auto last = static_cast<__mmask16>((1U << (kLanes - (columns - tokens))) - 1);
  float* const tail = scores + columns - kLanes;
  _mm512_storeu_ps(tail, _mm512_mask_loadu_ps(_mm512_set1_ps(-1e30F), last, tail));
  __m512 most = _mm512_loadu_ps(scores);
  for (std::size_t i = kLanes; i < columns; i += kLanes)
    most = _mm512_max_ps(most, _mm512_loadu_ps(scores + i));
  const __m512 largest = _mm512_set1_ps(_mm512_reduce_max_ps(most));
  __m512 sum = _mm512_setzero_ps();
  for (std::size_t i = 0; i < columns; i += kLanes) {
    const __m512 e =
        exponential(_mm512_max_ps(_mm512_sub_ps(_mm512_loadu_ps(scores + i), largest), _mm512_set1_ps(-100)));
    sum = _mm512_add_ps(sum, e);
    _mm512_storeu_ps(scores + i, e);
  }
  _mm512_storeu_ps(tail, _mm512_maskz_loadu_ps(last, tail));
  // e^-100 of the padding is nothing beside the largest's 1.
  return 1 / _mm512_reduce_add_ps(sum);
}

/// out[Rows, 32] = weights · values, times each row's factor.
template <int Rows>
void mix(const float* weights, std::size_t columns, const float* values, std::size_t tokens,
         const float* factors, float* out, std::size_t out_width) {
  __m512 sums[Rows][2];
#pragma unroll
  for (int r = 0; r < Rows; ++r) sums[r][0] = sums[r][1] = _mm512_setzero_ps();
  for (std::size_t j = 0; j < tokens; ++j) {
    const __m512 left = _mm512_loadu_ps(values + j * kHeadWidth);
    const __m512 right = _mm512_loadu_ps(values + j * kHeadWidth + kLanes);
#pragma unroll
    for (int r = 0; r < Rows; ++r) {
      const __m512 weight = _mm512_set1_ps(weights[static_cast<std::size_t>(r) * columns + j]);
      sums[r][0] = _mm512_fmadd_ps(weight, left, sums[r][0]);
      sums[r][1] = _mm512_fmadd_ps(weight, right, sums[r][1]);
    }
  }
#pragma unroll
  for (int r = 0; r < Rows; ++r) {
    const __m512 factor = _mm512_set1_ps(factors[r]);
    float* const to = out + static_cast<std::size_t>(r) * out_width;
    _mm512_storeu_ps(to, _mm512_mul_ps(sums[r][0], factor));
    _mm512_storeu_ps(to + kLanes, _mm512_mul_ps(sums[r][1], factor));
  }
}

/// One head of one text.
struct Head {
  const float* q;  ///< in `qkv`
  std::size_t q_width;
  const float* keys;    ///< [32, columns], scaled
  const float* values;  ///< [tokens, 32]
  std::size_t tokens;
  std::size_t columns;
  float* scores;  ///< scratch [kTileRows, columns]
  float* out;
  std::size_t out_width;
};

template <int Rows>
void attend_rows(const Head& h, std::size_t row) {
  scores_of<Rows>(h.q + row * h.q_width, h.q_width, h.keys, h.columns, h.scores);
  float factors[Rows];
  for (int r = 0; r < Rows; ++r)
    factors[r] = soften(h.scores + static_cast<std::size_t>(r) * h.columns, h.tokens, h.columns);
  mix<Rows>(h.scores, h.columns, h.values, h.tokens, factors, h.out + row * h.out_width, h.out_width);
}

void attend_head(const Head& head) {
  for_tiles(head.tokens, [&](std::size_t row, int count) {
    switch (count) {
      case 1:
        return attend_rows<1>(head, row);
      case 2:
        return attend_rows<2>(head, row);
      case 3:
        return attend_rows<3>(head, row);
      case 4:
        return attend_rows<4>(head, row);
      case 5:
        return attend_rows<5>(head, row);
      default:
        return attend_rows<kTileRows>(head, row);
    }
  });
}

/// Rows of 32 floats, `width` apart, one after the other, times `factor`; zeros up to `columns` rows.
void gather_rows(const float* from, std::size_t width, std::size_t tokens, std::size_t columns, float factor,
                 float* to) {
  const __m512 f = _mm512_set1_ps(factor);
  for (std::size_t t = 0; t < tokens; ++t, to += kHeadWidth) {
    _mm512_storeu_ps(to, _mm512_mul_ps(f, _mm512_loadu_ps(from + t * width)));
    _mm512_storeu_ps(to + kLanes, _mm512_mul_ps(f, _mm512_loadu_ps(from + t * width + kLanes)));
  }
  for (std::size_t t = tokens; t < columns; ++t, to += kHeadWidth) {
    _mm512_storeu_ps(to, _mm512_setzero_ps());
    _mm512_storeu_ps(to + kLanes, _mm512_setzero_ps());
  }
}

}  // namespace

void quantise(const float* x, std::size_t rows, const QuantisedRows& out) {
  const std::size_t groups = rows * out.width / kGroup;
  for (std::size_t g = 0; g < groups; ++g)
    quantise_group(load_group(x + g * kGroup), out.values + g * kGroup, out.scales[g], out.corrections[g]);
}

void linear(const QuantisedRows& a, std::size_t rows, const LinearView& w, float* out) {
  all_panels<false>(a, rows, w, out);
}

void linear_add(const QuantisedRows& a, std::size_t rows, const LinearView& w, float* out) {
  all_panels<true>(a, rows, w, out);
}

void linear_gelu(const QuantisedRows& a, std::size_t rows, const LinearView& w, const QuantisedRows& out,
                 float* tile) {
  const std::size_t groups = w.out / kGroup;
  for (std::size_t g = 0; g < groups; ++g) {
    panel_of<false>(a, rows, w, 2 * g, tile, kGroup);
    panel_of<false>(a, rows, w, 2 * g + 1, tile + kPanel, kGroup);
    for (std::size_t r = 0; r < rows; ++r) {
      GroupOfFloats x = load_group(tile + r * kGroup);
#pragma unroll
      for (int i = 0; i < 4; ++i) x.v[i] = gelu(x.v[i]);
      quantise_group(x, out.values + r * out.width + g * kGroup, out.scales[r * groups + g],
                     out.corrections[r * groups + g]);
    }
  }
}

void normalise_rows(float* x, std::size_t rows, std::size_t width, const NormView& norm, float epsilon) {
  const auto count = static_cast<float>(width);
  for (std::size_t r = 0; r < rows; ++r, x += width) {
    __m512 sum = _mm512_setzero_ps();
    for (std::size_t i = 0; i < width; i += kLanes) sum = _mm512_add_ps(sum, _mm512_loadu_ps(x + i));
    const __m512 mean = _mm512_set1_ps(_mm512_reduce_add_ps(sum) / count);
    __m512 squares = _mm512_setzero_ps();
    for (std::size_t i = 0; i < width; i += kLanes) {
      const __m512 d = _mm512_sub_ps(_mm512_loadu_ps(x + i), mean);
      squares = _mm512_fmadd_ps(d, d, squares);
    }
    const __m128 variance = _mm_set_ss(_mm512_reduce_add_ps(squares) / count + epsilon);
    const __m512 scale = _mm512_set1_ps(1 / _mm_cvtss_f32(_mm_sqrt_ss(variance)));
    for (std::size_t i = 0; i < width; i += kLanes) {
      const __m512 d = _mm512_mul_ps(_mm512_sub_ps(_mm512_loadu_ps(x + i), mean), scale);
      _mm512_storeu_ps(x + i,
                       _mm512_fmadd_ps(d, _mm512_loadu_ps(norm.gain + i), _mm512_loadu_ps(norm.bias + i)));
    }
  }
}

void embed_word(const std::int8_t* values, float scale, const float* position, std::size_t width,
                float* out) {
  const __m512 factor = _mm512_set1_ps(scale);
  for (std::size_t i = 0; i < width; i += kLanes) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(values + i));
    const __m512 word = _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(bytes));
    _mm512_storeu_ps(out + i, _mm512_fmadd_ps(word, factor, _mm512_loadu_ps(position + i)));
  }
}

std::size_t attend_scratch(std::size_t tokens) {
  // The rows of one head, the keys again as columns, and the scores of a tile.
  return padded(tokens) * (2 * kHeadWidth + kTileRows);
}

void attend(const float* qkv, std::size_t tokens, std::size_t heads, float* context, float* scratch) {
  const std::size_t hidden = heads * kHeadWidth;
  const std::size_t width = 3 * hidden;
  const std::size_t columns = padded(tokens);
  float* const rows = scratch;
  float* const keys = rows + columns * kHeadWidth;
  float* const scores = keys + columns * kHeadWidth;
  for (std::size_t h = 0; h < heads; ++h) {
    const float* const q = qkv + h * kHeadWidth;
    gather_rows(q + hidden, width, tokens, columns, 0.17677669F, rows);  // 1 / √32
    for (std::size_t t = 0; t < columns; t += kLanes)
      for (std::size_t d = 0; d < kHeadWidth; d += kLanes)
        transpose16(rows + t * kHeadWidth + d, kHeadWidth, keys + d * columns + t, columns);
    gather_rows(q + 2 * hidden, width, tokens, columns, 1, rows);
    attend_head({.q = q,
                 .q_width = width,
                 .keys = keys,
                 .values = rows,
                 .tokens = tokens,
                 .columns = columns,
                 .scores = scores,
                 .out = context + h * kHeadWidth,
                 .out_width = hidden});
  }
}

void mean_rows(const float* x, std::size_t rows, std::size_t width, float* out) {
  const __m512 share = _mm512_set1_ps(1 / static_cast<float>(rows));
  for (std::size_t i = 0; i < width; i += kLanes) {
    __m512 sum = _mm512_setzero_ps();
    for (std::size_t r = 0; r < rows; ++r) sum = _mm512_add_ps(sum, _mm512_loadu_ps(x + r * width + i));
    _mm512_storeu_ps(out + i, _mm512_mul_ps(sum, share));
  }
}

}  // namespace caprock::providers::int8
