#pragma once

#include <cstddef>
#include <cstdint>

namespace caprock::providers::int8 {

// The file int8.bert: an encoder of the BERT family with one byte a weight, laid out as the kernels read it,
// so that it is used from where the system maps it. Written at build time by caprock_convert.
//
//   Header, then arrays, each beginning at a multiple of kAlignment, in this order:
//     words            i8  [vocabulary, hidden]       a row's numbers are byte · scale
//     word scales      f32 [vocabulary]
//     positions        f32 [positions, hidden]        with the embedding of segment 0 added
//     gain, bias       f32 [hidden] each              of the norm over the embeddings
//     then of every layer
//       query, key and value as one linear layer [3 · hidden, hidden], the output of attention [hidden,
//       hidden], gain and bias of its norm, the wide layer [intermediate, hidden], the narrow one [hidden,
//       intermediate], gain and bias of its norm
//   A linear layer [out, in] is: panels u8, scales f32 [out], bias f32 [out].
//
// Numbers are little-endian. Nothing in the file says where an array is: the header's sizes do, and a file of
// another length is not read.

constexpr char kMagic[8] = {'C', 'R', 'B', 'E', 'R', 'T', '0', '1'};
constexpr std::size_t kAlignment = 64;

struct Header {
  char magic[8];
  std::uint32_t hidden;
  std::uint32_t heads;
  std::uint32_t layers;
  std::uint32_t intermediate;
  std::uint32_t vocabulary;
  std::uint32_t positions;
  float epsilon;
  std::uint32_t reserved[7];
};
static_assert(sizeof(Header) == kAlignment);

/// Inputs that share a scale when a row is quantised; `hidden` and `intermediate` are multiples of it.
constexpr std::size_t kGroup = 64;
/// Columns (outputs of a linear layer) in a panel of weights.
constexpr std::size_t kPanel = 32;
/// Bytes that one instruction multiplies and adds into one number.
constexpr std::size_t kQuad = 4;

/// Where a weight stands in its linear layer's panels: panels of 32 outputs, in each the inputs by fours, of
/// every output four bytes.
constexpr std::size_t panel_index(std::size_t out, std::size_t in, std::size_t inputs) {
  const std::size_t quads = inputs / kQuad;
  return ((out / kPanel * quads + in / kQuad) * kPanel + out % kPanel) * kQuad + in % kQuad;
}

/// A weight is stored as its byte plus 128: the instruction takes one unsigned operand.
constexpr int kWeightOffset = 128;

/// A linear layer in the file's memory: y = (panels − 128) · scales · x + bias.
struct LinearView {
  const std::uint8_t* panels = nullptr;
  const float* scales = nullptr;  ///< [out]
  const float* bias = nullptr;    ///< [out]
  std::size_t in = 0;
  std::size_t out = 0;
};

struct NormView {
  const float* gain = nullptr;  ///< [width]
  const float* bias = nullptr;  ///< [width]
};

}  // namespace caprock::providers::int8
