#include "base/secret.h"

#include <cstring>
#include <utility>

namespace caprock::base {

Secret::Secret(std::string value) : value_(std::move(value)) {}

// A moved-from short string keeps its bytes in place, so the source is wiped, not only emptied.
Secret::Secret(Secret&& other) noexcept : value_(std::move(other.value_)) { other.wipe(); }

Secret& Secret::operator=(const Secret& other) {
  if (this != &other) {
    wipe();
    value_ = other.value_;
  }
  return *this;
}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    wipe();
    value_ = std::move(other.value_);
    other.wipe();
  }
  return *this;
}

Secret::~Secret() { wipe(); }

bool Secret::equals(std::string_view candidate) const noexcept {
  unsigned char difference = candidate.size() == value_.size() ? 0 : 1;
  for (std::size_t i = 0; i < candidate.size(); ++i) {
    const char own = value_.empty() ? '\0' : value_[i % value_.size()];
    difference = static_cast<unsigned char>(difference | (own ^ candidate[i]));
  }
  return difference == 0;
}

void Secret::wipe() noexcept {
  value_.resize(value_.capacity());
  ::explicit_bzero(value_.data(), value_.size());
  value_.clear();
}

}  // namespace caprock::base
