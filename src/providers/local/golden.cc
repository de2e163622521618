#include "providers/local/golden.h"

#include <charconv>
#include <cmath>
#include <fstream>
#include <optional>
#include <string_view>

namespace caprock::providers {
namespace {

constexpr std::size_t kHexDigits = 4;

std::optional<std::vector<float>> parse_vector(std::string_view hex) {
  if (hex.empty() || hex.size() % kHexDigits != 0) return std::nullopt;
  std::vector<float> out;
  for (; !hex.empty(); hex.remove_prefix(kHexDigits)) {
    std::uint16_t bits = 0;
    const auto [end, error] = std::from_chars(hex.data(), hex.data() + kHexDigits, bits, 16);
    if (error != std::errc{} || end != hex.data() + kHexDigits) return std::nullopt;
    out.push_back(static_cast<float>(static_cast<std::int16_t>(bits)) / 32767.0F);
  }
  return out;
}

std::optional<GoldenVector> parse_line(std::string_view line) {
  const std::size_t last = line.rfind('\t');
  if (line.size() < 3 || line[1] != '\t' || last == std::string_view::npos || last < 2) return std::nullopt;
  if (line[0] != 'q' && line[0] != 'p') return std::nullopt;
  auto vector = parse_vector(line.substr(last + 1));
  if (!vector) return std::nullopt;
  return GoldenVector{line[0] == 'q' ? llm::EmbedPurpose::kQuery : llm::EmbedPurpose::kPassage,
                      std::string(line.substr(2, last - 2)), std::move(*vector)};
}

base::Error unreadable(const std::filesystem::path& file) {
  return base::Error(base::ErrorKind::kUnavailable,
                     "the embedding model's golden vectors are missing or damaged")
      .with_detail(file.string())
      .with_origin({.component = "local embeddings"});
}

}  // namespace

base::Result<std::vector<GoldenVector>> read_golden(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::vector<GoldenVector> all;
  for (std::string line; std::getline(in, line);) {
    auto golden = parse_line(line);
    if (!golden) return base::failure(unreadable(file));
    all.push_back(std::move(*golden));
  }
  if (all.empty()) return base::failure(unreadable(file));
  return all;
}

double cosine(std::span<const float> a, std::span<const float> b) {
  double product = 0;
  double squares_a = 0;
  double squares_b = 0;
  for (std::size_t i = 0; i < a.size() && i < b.size(); ++i) {
    product += static_cast<double>(a[i]) * b[i];
    squares_a += static_cast<double>(a[i]) * a[i];
    squares_b += static_cast<double>(b[i]) * b[i];
  }
  return squares_a > 0 && squares_b > 0 ? product / std::sqrt(squares_a * squares_b) : 0;
}

void normalise(std::span<float> vector) {
  double squares = 0;
  for (const float x : vector) squares += static_cast<double>(x) * x;
  if (squares <= 0) return;
  const auto factor = static_cast<float>(1 / std::sqrt(squares));
  for (float& x : vector) x *= factor;
}

}  // namespace caprock::providers
