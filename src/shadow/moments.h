// Expressions that read the current time.
#pragma once

#include <map>
#include <string>

#include "pgwraith/catalog/table.h"
#include "pgwraith/plan/mapping.h"
#include "pgwraith/postgres/connection.h"

namespace pgwraith::shadow {

// All rows get the moment of this transaction, as they would get that of a plain ALTER TABLE; the chunks, which are
// copied one after another, have moments of their own. Returns a sentence for each column that is concerned.
Task<std::map<std::string, std::string>> keep_one_moment(postgres::Connection& connection, catalog::Table shadow,
                                                         plan::Mapping& mapping);

}  // namespace pgwraith::shadow
