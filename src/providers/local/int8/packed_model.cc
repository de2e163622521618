#include "providers/local/int8/packed_model.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bit>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "providers/local/int8/kernels.h"

namespace caprock::providers::int8 {
namespace {

using base::Result;

static_assert(std::endian::native == std::endian::little, "int8.bert is read as it lies in the file");

base::Error not_usable(std::string reason) {
  return base::Error(base::ErrorKind::kUnavailable, "the embedding model's int8.bert cannot be used")
      .with_detail(std::move(reason))
      .with_origin({.component = "local embeddings"});
}

/// Hands out one array after the other. Past the end it goes on counting, without a memory behind it.
class Cursor {
 public:
  explicit Cursor(std::string_view bytes) : bytes_(bytes) {}

  template <class T>
  const T* take(std::uint64_t count) {
    at_ = (at_ + kAlignment - 1) / kAlignment * kAlignment;
    const std::uint64_t from = at_;
    at_ += count * sizeof(T);
    return at_ <= bytes_.size() ? reinterpret_cast<const T*>(bytes_.data() + from) : nullptr;
  }
  LinearView linear(std::uint64_t in, std::uint64_t out) {
    LinearView view{.in = in, .out = out};
    view.panels = take<std::uint8_t>(in * out);
    view.scales = take<float>(out);
    view.bias = take<float>(out);
    return view;
  }
  NormView norm(std::uint64_t width) {
    NormView view;
    view.gain = take<float>(width);
    view.bias = take<float>(width);
    return view;
  }
  std::uint64_t at() const { return at_; }

 private:
  std::string_view bytes_;
  std::uint64_t at_ = sizeof(Header);
};

/// Sizes that the kernels are written for, and so small that no product of two of them overflows.
bool fits(const Header& h) {
  constexpr std::uint32_t kMost = 1U << 24;
  const bool bounded = h.layers <= 1000 && h.hidden < kMost && h.intermediate < kMost &&
                       h.vocabulary < kMost && h.positions < kMost;
  return bounded && h.heads > 0 && h.layers > 0 && h.vocabulary > 0 && h.positions > 0 &&
         h.hidden == std::uint64_t{h.heads} * kHeadWidth && h.hidden % kGroup == 0 && h.intermediate > 0 &&
         h.intermediate % kGroup == 0;
}

}  // namespace

Result<std::shared_ptr<const PackedModel>> PackedModel::open(const std::filesystem::path& file) {
  const auto system_error = [&](const char* what) {
    return base::failure(not_usable(file.string() + ": " + what + ": " +
                                    std::error_code(errno, std::system_category()).message()));
  };
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return system_error("open");
  struct stat info{};
  const bool known = ::fstat(descriptor, &info) == 0 && info.st_size > 0;
  const auto size = known ? static_cast<std::size_t>(info.st_size) : 1;
  void* const mapped = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, descriptor, 0);
  ::close(descriptor);
  if (mapped == MAP_FAILED) return system_error("mmap");
  std::shared_ptr<PackedModel> model(new PackedModel);
  model->mapped_ = mapped;
  model->mapped_size_ = size;
  if (!known) return base::failure(not_usable(file.string() + " is empty"));
  if (auto parsed = model->parse({static_cast<const char*>(mapped), size}); !parsed)
    return base::failure(not_usable(file.string() + ": " + parsed.error().detail));
  return model;
}

PackedModel::~PackedModel() {
  if (mapped_ != nullptr) ::munmap(mapped_, mapped_size_);
}

Result<std::unique_ptr<PackedModel>> PackedModel::read(std::string_view bytes) {
  std::unique_ptr<PackedModel> model(new PackedModel);
  CAPROCK_CHECK(model->parse(bytes));
  return model;
}

Result<void> PackedModel::parse(std::string_view bytes) {
  if (bytes.size() < sizeof header_ || std::memcmp(bytes.data(), kMagic, sizeof kMagic) != 0)
    return base::failure(not_usable("it does not begin as an int8.bert of this version"));
  std::memcpy(&header_, bytes.data(), sizeof header_);
  if (!fits(header_)) return base::failure(not_usable("it is of sizes that the kernels are not written for"));
  const Header& h = header_;
  Cursor cursor(bytes);
  words_ = cursor.take<std::int8_t>(std::uint64_t{h.vocabulary} * h.hidden);
  word_scales_ = cursor.take<float>(h.vocabulary);
  positions_ = cursor.take<float>(std::uint64_t{h.positions} * h.hidden);
  embedding_norm_ = cursor.norm(h.hidden);
  for (std::uint32_t i = 0; i < h.layers; ++i) {
    LayerView layer;
    layer.query_key_value = cursor.linear(h.hidden, 3ULL * h.hidden);
    layer.attention_out = cursor.linear(h.hidden, h.hidden);
    layer.attention_norm = cursor.norm(h.hidden);
    layer.wide = cursor.linear(h.hidden, h.intermediate);
    layer.narrow = cursor.linear(h.intermediate, h.hidden);
    layer.output_norm = cursor.norm(h.hidden);
    layers_.push_back(layer);
  }
  if (cursor.at() != bytes.size())
    return base::failure(not_usable("it has " + std::to_string(bytes.size()) + " bytes, its sizes need " +
                                    std::to_string(cursor.at())));
  return {};
}

}  // namespace caprock::providers::int8
