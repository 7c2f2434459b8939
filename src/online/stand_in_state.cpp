#include "stand_in_state.h"

namespace pgwraith::online {

namespace {

constexpr const char* state_sql = R"sql(
WITH t AS (SELECT to_regclass($1)::oid AS oid)
SELECT 't', 0::oid, '', pg_relation_filenode(oid)::bigint, pg_stat_get_xact_numscans(oid) FROM t
UNION ALL
SELECT 'i', c.oid, c.relname, pg_relation_filenode(c.oid)::bigint, 0
  FROM t JOIN pg_index i ON i.indrelid = t.oid JOIN pg_class c ON c.oid = i.indexrelid
UNION ALL
SELECT 'c', k.oid, k.conname, 0, 0 FROM t JOIN pg_constraint k ON k.conrelid = t.oid
UNION ALL
SELECT 's', s.oid, s.stxname, 0, 0 FROM t JOIN pg_statistic_ext s ON s.stxrelid = t.oid
UNION ALL
SELECT CASE WHEN a.attgenerated <> '' THEN 'g' WHEN a.atthasmissing THEN 'm' ELSE 'a' END, 0::oid, a.attname, a.attnum, 0
  FROM t JOIN pg_attribute a ON a.attrelid = t.oid WHERE a.attnum > 0 AND NOT a.attisdropped)sql";

}  // namespace

std::map<std::string, Oid> StandInState::indexes_by_name() const {
    std::map<std::string, Oid> files;
    for (const auto& [oid, name] : index_names) files[name] = index_files.at(oid);
    return files;
}

Task<StandInState> read_state(postgres::Connection& connection, QualifiedName table) {
    const auto rows = co_await connection.query(state_sql, postgres::params(table.sql()));
    StandInState state;
    for (int row = 0; row < rows.rows(); ++row) {
        const Oid oid = rows.oid(row, 1);
        const auto name = rows.str(row, 2);
        const auto number = rows.int64(row, 3);
        switch (rows.text(row, 0).front()) {
            case 't':
                state.file_node = static_cast<Oid>(number);
                state.scans = rows.int64(row, 4);
                break;
            case 'i':
                state.index_names[oid] = name;
                state.index_files[oid] = static_cast<Oid>(number);
                break;
            case 'c':
                state.constraints[oid] = name;
                break;
            case 's':
                state.statistics.insert(name);
                break;
            default:
                state.columns[name] = static_cast<int>(number);
                if (rows.text(row, 0) == "g") state.generated.insert(name);
                if (rows.text(row, 0) == "m") state.with_missing_value.insert(name);
        }
    }
    co_return state;
}

std::string first_new(const std::map<Oid, std::string>& before, const std::map<Oid, std::string>& after) {
    for (const auto& [oid, name] : after) {
        if (!before.contains(oid)) return name;
    }
    return {};
}

}  // namespace pgwraith::online
