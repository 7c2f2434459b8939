#include "pgwraith/catalog/company.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "pgwraith/base/names.h"
#include "pgwraith/base/units.h"

namespace pgwraith::catalog {

namespace {

constexpr std::size_t longest_name = 63;  // NAMEDATALEN - 1: the server cuts longer ones

// "except" is PostgreSQL 19's.
constexpr std::string_view company_sql = R"sql(
SELECT 'slot', slot_name::text, plugin::text, active, temporary,
       CASE WHEN pg_is_in_recovery() THEN 0
            ELSE greatest(coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), confirmed_flush_lsn), 0), 0) END::bigint
  FROM pg_catalog.pg_replication_slots
 WHERE slot_type = 'logical' AND database = current_database() AND plugin <> 'pgoutput'
UNION ALL
SELECT 'publication', p.pubname::text, '', p.puballtables,
       EXISTS (SELECT FROM pg_catalog.pg_publication_rel pr
                WHERE pr.prpubid = p.oid AND pr.prrelid = $1::oid AND to_jsonb(pr) ->> 'prexcept' = 'true'), 0
  FROM pg_catalog.pg_publication p
 WHERE p.puballtables
    OR EXISTS (SELECT FROM pg_catalog.pg_publication_namespace pn JOIN pg_catalog.pg_namespace n ON n.oid = pn.pnnspid
                WHERE pn.pnpubid = p.oid AND n.nspname = 'pgwraith_new_' || $1::oid::text)
UNION ALL
SELECT 'synchronous', current_setting('synchronous_standby_names'), '', false, false, 0
 ORDER BY 1, 2)sql";

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v'; }

bool equal_ignoring_case(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b,
                              [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

// A name in double quotes that begins at `at`; leaves `at` behind it.
std::string take_quoted(std::string_view text, std::size_t& at) {
    std::string name;
    for (++at; at < text.size(); ++at) {
        if (text[at] != '"') {
            name += text[at];
        } else if (at + 1 < text.size() && text[at + 1] == '"') {
            name += text[++at];
        } else {
            ++at;
            break;
        }
    }
    return name;
}

}  // namespace

// The method's words (FIRST, ANY, a number) pass for names here: no application is called so.
bool counts_as_synchronous(std::string_view standby_names, std::string_view application_name) {
    application_name = application_name.substr(0, longest_name);
    for (std::size_t at = 0; at < standby_names.size();) {
        const char c = standby_names[at];
        std::string name;
        if (c == '"') {
            name = take_quoted(standby_names, at);
        } else if (is_blank(c) || c == ',' || c == '(' || c == ')') {
            ++at;
            continue;
        } else {
            const auto end = std::min(standby_names.find_first_of(" \t\n\r\f\v,()\"", at), standby_names.size());
            name = standby_names.substr(at, end - at);
            at = end;
        }
        if (name == "*" || equal_ignoring_case(name, application_name)) return true;
    }
    return false;
}

std::string OtherSlot::describe() const {
    return fmt::format("replication slot {} ({}, {}{}, {} behind)", quote_identifier(name), plugin,
                       temporary ? "temporary, " : "", active ? "active" : "inactive", format_size(behind_bytes));
}

Task<Company> read_company(postgres::Connection& connection, Oid table) {
    const postgres::Result rows =
        co_await connection.query(std::string(company_sql), postgres::params(std::to_string(table)));
    Company company;
    for (int row = 0; row < rows.rows(); ++row) {
        const auto kind = rows.text(row, 0);
        if (kind == "slot") {
            company.slots.push_back(
                {rows.str(row, 1), rows.str(row, 2), rows.boolean(row, 3), rows.boolean(row, 4), rows.uint64(row, 5)});
        } else if (kind == "publication") {
            company.publishers.push_back({rows.str(row, 1), rows.boolean(row, 3), rows.boolean(row, 4)});
        } else {
            company.synchronous_standby_names = rows.str(row, 1);
        }
    }
    co_return company;
}

}  // namespace pgwraith::catalog
