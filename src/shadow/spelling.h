// Definitions that the server reads back as it had said them.
#pragma once

#include <string>

#include "pgwraith/postgres/connection.h"

namespace pgwraith::shadow {

// What somebody wrote as  status IN ('new', 'sent')  on a varchar the server says as
//   (status)::text = ANY ((ARRAY['new'::character varying, 'sent'::character varying])::text[])
// and once that is read again it says it with a cast in each element. Without the two outer casts, which are implied,
// it stays as it was. Anything else comes back unchanged.
std::string without_implied_casts(const std::string& definition);

// `sql` or, where that keeps the server's words, `sql` without implied casts: what `read_back` says then is `words`.
// Tried in the caller's transaction, and undone.
Task<std::string> in_same_words(postgres::Connection& connection, std::string sql, std::string read_back,
                                std::string words);

}  // namespace pgwraith::shadow
