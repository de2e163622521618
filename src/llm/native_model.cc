#include "llm/native_model.h"

namespace caprock::llm {

std::string_view name_of(NativeOperation operation) {
  switch (operation) {
    case NativeOperation::kConverse:
      return "Converse";
    case NativeOperation::kConverseStream:
      return "ConverseStream";
    case NativeOperation::kInvoke:
      return "InvokeModel";
    case NativeOperation::kInvokeStream:
      return "InvokeModelWithResponseStream";
    case NativeOperation::kCountTokens:
      return "CountTokens";
    case NativeOperation::kApplyGuardrail:
      return "ApplyGuardrail";
    case NativeOperation::kRerank:
      return "Rerank";
    case NativeOperation::kStartAsyncInvoke:
      return "StartAsyncInvoke";
    case NativeOperation::kGetAsyncInvoke:
      return "GetAsyncInvoke";
    case NativeOperation::kListAsyncInvokes:
      return "ListAsyncInvokes";
  }
  return "";
}

}  // namespace caprock::llm
