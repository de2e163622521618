#include "aws/event_frames.h"

#include <algorithm>

namespace caprock::aws {
namespace {

constexpr std::size_t kPrelude = 12;

}  // namespace

// The length that a prelude announces; 0 after a fault.
std::size_t EventFrames::length_of(std::string_view prelude) {
  // There is no message of twelve bytes: the decoder can only want more, or see that these are wrong.
  const EventOutcome outcome = decoder_.decode(prelude.substr(0, kPrelude));
  if (const auto* more = std::get_if<NeedMore>(&outcome)) return more->total;
  fault_ = std::get<EventStreamFault>(outcome);
  return 0;
}

// The first bytes of a message that is not whole yet.
void EventFrames::begin(std::string_view bytes, std::size_t total) {
  total_ = total;
  have_ = bytes.size();
  if (total_ <= kKeep) partial_ = bytes;
}

// Takes what belongs to the message at hand, and says how much it was.
std::size_t EventFrames::go_on(std::string_view bytes) {
  const std::size_t wanted = (total_ == 0 ? kPrelude : total_) - have_;
  const std::size_t taken = std::min(wanted, bytes.size());
  if (total_ <= kKeep) partial_.append(bytes.substr(0, taken));
  have_ += taken;
  if (taken < wanted) return taken;
  if (total_ == 0) {
    total_ = length_of(partial_);
    return taken;
  }
  std::swap(finished_, partial_);
  last_ = total_ <= kKeep ? std::string_view(finished_) : std::string_view();
  partial_.clear();
  have_ = total_ = 0;
  return taken;
}

void EventFrames::push(std::string_view bytes) {
  last_ = {};
  while (!bytes.empty() && !fault_) {
    if (have_ != 0) {
      bytes.remove_prefix(go_on(bytes));
      continue;
    }
    if (bytes.size() < kPrelude) return begin(bytes, 0);
    const std::size_t total = length_of(bytes);
    if (fault_) break;
    if (bytes.size() < total) return begin(bytes, total);
    last_ = total <= kKeep ? bytes.substr(0, total) : std::string_view();
    bytes.remove_prefix(total);
  }
  have_ += bytes.size();  // none are left but after a fault
}

}  // namespace caprock::aws
