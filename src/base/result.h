#pragma once

#include <expected>
#include <utility>

#include "base/error.h"

namespace caprock::base {

/// A value, or an error that the caller can act on.
template <class T>
using Result = std::expected<T, Error>;

/// `return failure(Error(…))` in functions and coroutines alike.
inline std::unexpected<Error> failure(Error error) { return std::unexpected<Error>(std::move(error)); }

}  // namespace caprock::base

/// `CAPROCK_TRY(auto rows, query(…));` binds the value, or returns the error to the caller. In a coroutine:
/// `CAPROCK_CO_TRY(auto rows, co_await query(…));`. For Result<void>: CAPROCK_CHECK and CAPROCK_CO_CHECK.
// NOLINTBEGIN(bugprone-macro-parentheses): a keyword and a declaration cannot stand in parentheses
#define CAPROCK_CONCAT_INNER(a, b) a##b
#define CAPROCK_CONCAT(a, b) CAPROCK_CONCAT_INNER(a, b)
#define CAPROCK_TRY_IMPL(keyword, tmp, declaration, expression)       \
  auto tmp = (expression);                                            \
  if (!tmp) keyword ::caprock::base::failure(std::move(tmp).error()); \
  declaration = std::move(*tmp)
#define CAPROCK_CHECK_IMPL(keyword, tmp, expression) \
  if (auto tmp = (expression); !tmp) keyword ::caprock::base::failure(std::move(tmp).error())
#define CAPROCK_TRY(declaration, expression) \
  CAPROCK_TRY_IMPL(return, CAPROCK_CONCAT(caprock_try_, __LINE__), declaration, expression)
#define CAPROCK_CO_TRY(declaration, expression) \
  CAPROCK_TRY_IMPL(co_return, CAPROCK_CONCAT(caprock_try_, __LINE__), declaration, expression)
#define CAPROCK_CHECK(expression) \
  CAPROCK_CHECK_IMPL(return, CAPROCK_CONCAT(caprock_try_, __LINE__), expression)
#define CAPROCK_CO_CHECK(expression) \
  CAPROCK_CHECK_IMPL(co_return, CAPROCK_CONCAT(caprock_try_, __LINE__), expression)
// NOLINTEND(bugprone-macro-parentheses)
