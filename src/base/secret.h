#pragma once

#include <string>
#include <string_view>

namespace caprock::base {

/// A credential. No formatter prints it, its memory is wiped on destruction, comparison takes constant time.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value);
  Secret(const Secret&) = default;
  Secret(Secret&& other) noexcept;
  Secret& operator=(const Secret& other);
  Secret& operator=(Secret&& other) noexcept;
  ~Secret();

  /// The bare value: for the wire and nothing else.
  const std::string& reveal() const noexcept { return value_; }
  bool empty() const noexcept { return value_.empty(); }
  /// Constant in the length of `candidate`, whatever it holds.
  bool equals(std::string_view candidate) const noexcept;

 private:
  void wipe() noexcept;
  std::string value_;
};

}  // namespace caprock::base
