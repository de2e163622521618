#pragma once

#include "llm/native_model.h"
#include "server/exchange.h"

namespace caprock::server::bedrock {

/// The request as a call to be passed on: its body, and those of its headers that mean something to Bedrock.
/// Errors: those of the body.
base::Awaitable<base::Result<llm::NativeCall>> read_call(Exchange& x, llm::NativeOperation operation,
                                                         std::string model);

/// Makes the call and gives its answer byte for byte: status, headers, body, each piece when it comes. A
/// short body is waited for, so that one which breaks off is an error with a status; a stream that breaks
/// ends in an exception of its own when it broke between two events, else the connection does.
base::Awaitable<base::Result<void>> pass_through(llm::NativeModel& native, Exchange& x, llm::NativeCall call);

/// Ends an event stream whose last event was whole with the exception that the error is.
base::Awaitable<void> end_broken_stream(Exchange& x, base::Error error);
/// Ends an event stream as `done` says: in good order, or with an exception. The error of `done`, or of the
/// door.
base::Awaitable<base::Result<void>> end_stream(Exchange& x, base::Result<void> done);

}  // namespace caprock::server::bedrock
