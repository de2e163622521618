#include "base/trace.h"

#include <sys/random.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <span>
#include <system_error>
#include <vector>

namespace caprock::base {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";

void fill_from_system(std::span<std::uint8_t> bytes) {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t got = ::getrandom(bytes.data() + done, bytes.size() - done, 0);
    if (got < 0 && errno != EINTR) throw std::system_error(errno, std::generic_category(), "getrandom");
    if (got > 0) done += static_cast<std::size_t>(got);
  }
}

// A request needs three ids: a call of the system for each would cost more than all the rest of them. What
// was given out is wiped, so that no later reader of this memory learns an id from it.
void fill_random(std::span<std::uint8_t> bytes) {
  thread_local std::array<std::uint8_t, 2048> store;
  thread_local std::size_t used = store.size();
  if (bytes.size() > store.size()) return fill_from_system(bytes);
  if (store.size() - used < bytes.size()) {
    fill_from_system(store);
    used = 0;
  }
  const auto from = std::span(store).subspan(used, bytes.size());
  std::ranges::copy(from, bytes.begin());
  std::ranges::fill(from, std::uint8_t{0});
  used += bytes.size();
}

std::string to_hex(std::span<const std::uint8_t> bytes) {
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const std::uint8_t byte : bytes) {
    text += kHex[byte >> 4];
    text += kHex[byte & 15];
  }
  return text;
}

bool is_id(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return kHex.contains(c); }) &&
         std::ranges::any_of(text, [](char c) { return c != '0'; });
}

}  // namespace

std::string TraceContext::traceparent() const {
  return "00-" + trace_id + "-" + span_id + (sampled ? "-01" : "-00");
}

std::optional<TraceContext> continue_trace(std::string_view header) {
  // version-traceid-parentid-flags; a later version may append fields after another dash.
  constexpr std::size_t kLength = 55;
  if (header.size() < kLength || header[2] != '-' || header[35] != '-' || header[52] != '-') return {};
  const auto version = header.substr(0, 2);
  const auto flags = header.substr(53, 2);
  const auto hex = [](char c) { return kHex.contains(c); };
  if (!std::ranges::all_of(version, hex) || !std::ranges::all_of(flags, hex) || version == "ff") return {};
  if (header.size() > kLength && (version == "00" || header[kLength] != '-')) return {};
  if (!is_id(header.substr(3, 32)) || !is_id(header.substr(36, 16))) return {};
  return TraceContext{.trace_id = std::string(header.substr(3, 32)),
                      .span_id = random_hex(8),
                      .parent_id = std::string(header.substr(36, 16)),
                      .sampled = (kHex.find(flags[1]) & 1) != 0};
}

TraceContext new_trace() {
  return {.trace_id = random_hex(16), .span_id = random_hex(8), .parent_id = {}, .sampled = false};
}

std::string new_uuid() {
  std::array<std::uint8_t, 16> bytes{};
  fill_random(bytes);
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto millis =
      static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
  for (int i = 0; i < 6; ++i)
    bytes[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(millis >> (40 - 8 * i));
  bytes[6] = static_cast<std::uint8_t>(0x70 | (bytes[6] & 0x0f));
  bytes[8] = static_cast<std::uint8_t>(0x80 | (bytes[8] & 0x3f));
  std::string text = to_hex(bytes);
  for (const std::size_t dash : {20U, 16U, 12U, 8U}) text.insert(dash, 1, '-');
  return text;
}

std::string random_hex(std::size_t count) {
  std::vector<std::uint8_t> bytes(count);
  fill_random(bytes);
  return to_hex(bytes);
}

}  // namespace caprock::base
