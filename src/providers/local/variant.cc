#include "providers/local/variant.h"

#include <string>

#include "providers/local/int8/kernels.h"

namespace caprock::providers {
namespace {

using base::ErrorKind;

constexpr Variant kInt8{"int8", "int8.bert", "", 0.99};
constexpr Variant kBf16{"bf16", "f16.xml", "bf16", 0.999};
constexpr Variant kF16{"f16", "f16.xml", "f16", 0.999};
constexpr Variant kF32{"f32", "f16.xml", "f32", 0.999};

base::Error not_here(std::string_view name, std::string_view needs) {
  return {ErrorKind::kUnavailable, "embeddings.variant = \"" + std::string(name) +
                                       "\" needs a processor with " + std::string(needs) +
                                       "; \"auto\" takes what this one has"};
}

}  // namespace

CpuFeatures this_cpu() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  return {.int8 = int8::supported(),
          .bf16 = __builtin_cpu_supports("avx512bf16") != 0,
          .f16 = __builtin_cpu_supports("avx512fp16") != 0};
#else
  return {.int8 = false, .bf16 = false, .f16 = true};
#endif
}

base::Result<std::vector<Variant>> variants_to_try(std::string_view setting, CpuFeatures cpu) {
  if (setting == "int8") {
    if (!cpu.int8) return base::failure(not_here(setting, "AVX512-VNNI"));
    return std::vector{kInt8};
  }
  if (setting == "bf16") {
    if (!cpu.bf16) return base::failure(not_here(setting, "AVX512-BF16"));
    return std::vector{kBf16};
  }
  if (setting == "f16") {
    if (!cpu.f16) return base::failure(not_here(setting, "f16 arithmetic"));
    return std::vector{kF16};
  }
  if (setting == "f32") return std::vector{kF32};
  std::vector<Variant> all;
  if (cpu.int8) all.push_back(kInt8);
  if (cpu.bf16) all.push_back(kBf16);
  if (cpu.f16) all.push_back(kF16);
  all.push_back(kF32);
  return all;
}

}  // namespace caprock::providers
