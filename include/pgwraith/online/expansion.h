// `expand`: new columns beside old ones, for as long as two versions of the application are alive. docs/expand.md says
// what it promises.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "pgwraith/base/lsn.h"
#include "pgwraith/base/names.h"
#include "pgwraith/online/step.h"
#include "pgwraith/plan/parts.h"

namespace pgwraith::online {

// What a column gets: another column as it is or cast, or an expression over the row.
struct Value {
    std::string column = {};  // empty: `sql` says it
    std::string cast = {};    // the type, when assigning the column would not do
    std::string sql = {};

    bool operator==(const Value&) const = default;
};

// What an old column gets when the new version of the application has written.
struct Down {
    std::string column;
    std::string type;  // with its length
    Value value;

    bool operator==(const Down&) const = default;
};

struct NewColumn {
    std::string name;
    std::string type;                     // with its length
    std::string collation = {};           // when it is not the type's own
    std::string from = {};                // the old column that it replaces; empty: none alone
    Value up;                             // over the old columns
    std::vector<std::string> reads = {};  // old columns, by `up`
    std::vector<Down> down = {};
    // What `up` cannot be computed from gives NULL instead of an error of the application's.
    bool null_instead = false;

    bool operator==(const NewColumn&) const = default;
};

// An index, a constraint or extended statistics of a new column, which get the old one's name when that is gone.
struct Twin {
    enum class Kind { index, constraint, primary_key, statistics };
    Kind kind = Kind::index;
    std::string name;               // meanwhile
    std::string old_name;           // of what it is a twin of, and its own in the end
    std::string attributes = {};    // of a primary key: "DEFERRABLE"
    bool clustered = false;         // the old one has the CLUSTER mark
    bool replica_identity = false;  // the old one is the table's

    bool operator==(const Twin&) const = default;
};

// On disk: do not rename the members.
struct Expansion {
    Oid oid = 0;
    QualifiedName table;
    std::string trigger;                              // on the table
    std::string function;                             // in its schema
    std::vector<std::string> function_settings = {};  // "search_path = public, pg_temp"
    std::string owner = {};                           // of the function: the table's; empty: whoever makes it
    bool as_owner = false;  // the expressions call functions that the application need not be allowed to call
    std::vector<NewColumn> columns = {};
    std::vector<std::string> old_columns = {};  // that `contract` drops
    std::vector<Twin> twins = {};

    bool operator==(const Expansion&) const = default;
    QualifiedName function_name() const { return {table.schema, function}; }
};

void to_json(nlohmann::json& out, const Expansion& expansion);
void from_json(const nlohmann::json& in, Expansion& expansion);

// The custom setting of the sessions that fill old rows: the trigger lets them pass.
inline constexpr const char* filling_setting = "pgwraith.filling";

// As an expression over the row.
std::string over_row(const Value& value);
// CREATE FUNCTION …, REVOKE …, CREATE TRIGGER …, each a statement.
std::vector<std::string> trigger_statements(const Expansion& expansion);
// The trigger's name: BEFORE triggers run by their names, and ours is to see what the others have made of the row.
// nullopt: one of `others` has a name that nothing sorts behind.
std::optional<std::string> last_trigger_name(Oid table, const std::set<std::string>& others);
// Whether old and new agree in a row: the new column is what `up` gives, or the old ones are what `down` gives (where
// the new version wrote a value of which the old columns keep a part).
std::string agrees(const NewColumn& column);

}  // namespace pgwraith::online
