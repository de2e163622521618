#include "aws/credentials/credentials.h"

namespace caprock::aws {

bool same_secret(const Credentials& a, const Credentials& b) {
  return a.access_key_id == b.access_key_id && a.secret_access_key.equals(b.secret_access_key.reveal()) &&
         a.session_token.equals(b.session_token.reveal()) && a.bearer_token.equals(b.bearer_token.reveal());
}

}  // namespace caprock::aws
