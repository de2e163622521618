#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/settings.h"

namespace caprock::providers::bedrock {

/// `[bedrock]`. Region and credentials are in `[aws]`.
struct Settings {
  std::string endpoint_url;                ///< of bedrock-runtime; empty: as AWS's SDKs find it
  std::int64_t embed_side_by_side = 25;    ///< calls of one batch for models that take one text a call
  std::string rerank_model;                ///< empty: passages are not reordered by a model
  std::string api = "auto";                ///< auto, converse, invoke
  std::vector<std::string> invoke_models;  ///< called by InvokeModel whatever `api` says: "ID" or "ID=FAMILY"

  base::SettingsSection describe();
  /// kInvalidArgument with the setting as field.
  base::Result<void> check() const;
};

}  // namespace caprock::providers::bedrock
