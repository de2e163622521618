#include "aws/credentials/refresh_policy.h"

#include <algorithm>

namespace caprock::aws {
namespace {

using std::chrono::milliseconds;

template <class Duration>
milliseconds scaled(Duration span, double factor) {
  const double ms = std::chrono::duration<double, std::milli>(span).count() * factor;
  return milliseconds(static_cast<std::int64_t>(ms));
}

}  // namespace

std::optional<base::WallTime> next_refresh(const Credentials& credentials, base::WallTime now,
                                           const RefreshSettings& settings, double jitter) {
  if (!credentials.expires) {
    if (credentials.fixed) return std::nullopt;
    return now + scaled(settings.recheck, 1 - jitter / 10);
  }
  const auto left = *credentials.expires - now;
  const milliseconds before = std::min(settings.before, scaled(left, 1.0 / 3));
  return *credentials.expires - scaled(before, 1 + jitter / 2);
}

milliseconds retry_pause(int failures, const RefreshSettings& settings, double jitter) {
  milliseconds pause = settings.retry_first;
  for (int i = 1; i < failures && pause < settings.retry_most; ++i) pause *= 2;
  return scaled(std::min(pause, settings.retry_most), 0.5 + jitter / 2);
}

}  // namespace caprock::aws
