// Any bytes as a model file: read or refused; what is read can be touched from end to end.
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "providers/local/int8/packed_model.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace caprock::providers::int8;
  void* const aligned = std::aligned_alloc(kAlignment, (size + kAlignment) / kAlignment * kAlignment);
  std::memcpy(aligned, data, size);
  if (const auto model = PackedModel::read({static_cast<const char*>(aligned), size})) {
    const PackedModel& m = **model;
    volatile float touched = m.word_scale(m.header().vocabulary - 1) + *m.position(m.header().positions - 1);
    touched = touched + m.layers().back().output_norm.bias[m.header().hidden - 1];
  }
  std::free(aligned);
  return 0;
}
