#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "stores/vector/embedded/half.h"

namespace caprock::stores {

/// Rows of numbers at addresses that never change: growing adds a block and moves nothing.
class Matrix {
 public:
  explicit Matrix(std::size_t dimension) : dimension_(dimension) {}
  std::size_t dimension() const { return dimension_; }
  std::size_t rows() const { return rows_; }
  Half* row(std::uint32_t index) { return blocks_[index / kBlock].get() + (index % kBlock) * dimension_; }
  const Half* row(std::uint32_t index) const {
    return blocks_[index / kBlock].get() + (index % kBlock) * dimension_;
  }
  /// Adds a row and gives its index.
  std::uint32_t grow() {
    if (rows_ % kBlock == 0) blocks_.push_back(std::make_unique_for_overwrite<Half[]>(kBlock * dimension_));
    return static_cast<std::uint32_t>(rows_++);
  }

 private:
  static constexpr std::size_t kBlock = 1024;
  std::size_t dimension_;
  std::size_t rows_ = 0;
  std::vector<std::unique_ptr<Half[]>> blocks_;
};

}  // namespace caprock::stores
