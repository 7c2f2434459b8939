// The trigger that keeps old and new columns equal, whichever the application writes.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "pgwraith/online/expansion.h"

namespace pgwraith::online {

namespace {

// By their bytes: NULL is equal to NULL, and what a type takes for the same without being so (citext, 1.0 and 1.00) is
// not. Types without an operator = (json) have it too.
constexpr const char* is_other = "ROW({})::pg_catalog.record OPERATOR(pg_catalog.*<>) ROW({})::pg_catalog.record";
constexpr const char* is_same = "ROW({})::pg_catalog.record OPERATOR(pg_catalog.*=) ROW({})::pg_catalog.record";

// In the function. An expression finds the columns by their names, as on the table itself.
std::string in_function(const Value& value, const QualifiedName& table) {
    if (value.column.empty()) {
        return fmt::format("(SELECT ({}) FROM (SELECT NEW.*) AS {})", value.sql, quote_identifier(table.name));
    }
    const auto column = "NEW." + quote_identifier(value.column);
    return value.cast.empty() ? column : fmt::format("({})::{}", column, value.cast);
}

std::string written(std::size_t column) { return fmt::format("pgwraith_written_{}", column + 1); }

bool share_a_column(const NewColumn& one, const NewColumn& other) {
    return std::ranges::any_of(one.down, [&](const Down& down) {
        return std::ranges::find(other.down, down.column, &Down::column) != other.down.end();
    });
}

// One after the other, each old column once: several new ones may give it, all by the same expression.
std::string downwards(const Expansion& expansion) {
    std::string text;
    std::set<std::string> given;
    for (const auto& column : expansion.columns) {
        for (const auto& down : column.down) {
            if (!given.insert(down.column).second) continue;
            std::vector<std::string> any;
            for (std::size_t i = 0; i < expansion.columns.size(); ++i) {
                const auto& giver = expansion.columns[i];
                if (std::ranges::find(giver.down, down.column, &Down::column) != giver.down.end()) {
                    any.push_back(written(i));
                }
            }
            text += fmt::format("  IF {} THEN\n    NEW.{} := {};\n  END IF;\n", fmt::join(any, " OR "),
                                quote_identifier(down.column), in_function(down.value, expansion.table));
        }
    }
    return text;
}

std::string assignment(const Expansion& expansion, const NewColumn& column) {
    const auto name = quote_identifier(column.name);
    auto plain = fmt::format("NEW.{} := {};", name, in_function(column.up, expansion.table));
    if (!column.null_instead) return "    " + plain + "\n";
    return fmt::format(
        "    BEGIN\n      {}\n    EXCEPTION WHEN data_exception OR cardinality_violation OR "
        "integrity_constraint_violation OR plpgsql_error OR external_routine_exception OR program_limit_exceeded THEN\n"
        "      NEW.{} := NULL;\n    END;\n",
        plain, name);
}

// Where the new side was written the old one follows, and does not come back: of what the old columns keep a part of,
// the rest would be lost.
std::string upwards(const Expansion& expansion) {
    std::string text;
    for (std::size_t i = 0; i < expansion.columns.size(); ++i) {
        const auto& column = expansion.columns[i];
        std::vector<std::string> none;
        for (std::size_t other = 0; other < expansion.columns.size(); ++other) {
            if (other == i || share_a_column(column, expansion.columns[other])) none.push_back(written(other));
        }
        std::vector<std::string> before;
        std::vector<std::string> now;
        for (const auto& read : column.reads) {
            before.push_back("OLD." + quote_identifier(read));
            now.push_back("NEW." + quote_identifier(read));
        }
        const auto other = fmt::format(is_other, fmt::join(now, ", "), fmt::join(before, ", "));
        text += fmt::format("  IF NOT ({}) AND (TG_OP = 'INSERT' OR {}) THEN\n{}  END IF;\n", fmt::join(none, " OR "),
                            other, assignment(expansion, column));
    }
    return text;
}

std::string body(const Expansion& expansion) {
    // Our own fill of old rows: nothing but the new columns changes, whatever other triggers have made of the row.
    std::string filled;
    std::string declared;
    for (std::size_t i = 0; i < expansion.columns.size(); ++i) {
        const auto name = quote_identifier(expansion.columns[i].name);
        filled += fmt::format("    OLD.{0} := NEW.{0};\n", name);
        // In an INSERT all of OLD is NULL.
        declared += fmt::format("  {} CONSTANT pg_catalog.bool := {};\n", written(i),
                                fmt::format(is_other, "NEW." + name, "OLD." + name));
    }
    return fmt::format(
        "\n#variable_conflict use_column\nDECLARE\n{}BEGIN\n"
        "  IF TG_OP = 'UPDATE' AND pg_catalog.current_setting('{}', true) = 'on' THEN\n{}    RETURN OLD;\n  END IF;\n"
        "{}{}  RETURN NEW;\nEND\n",
        declared, filling_setting, filled, downwards(expansion), upwards(expansion));
}

// Dollars that the text does not have.
std::string quoted(const std::string& text) {
    std::string tag = "$pgwraith$";
    for (int number = 1; text.find(tag) != std::string::npos; ++number) tag = fmt::format("$pgwraith{}$", number);
    return tag + text + tag;
}

}  // namespace

std::string over_row(const Value& value) {
    if (value.column.empty()) return "(" + value.sql + ")";
    const auto column = quote_identifier(value.column);
    return value.cast.empty() ? column : fmt::format("({})::{}", column, value.cast);
}

std::vector<std::string> trigger_statements(const Expansion& expansion) {
    const auto function = expansion.function_name().sql();
    std::string settings;
    for (const auto& setting : expansion.function_settings) settings += " SET " + setting;
    std::vector<std::string> all{
        fmt::format("CREATE FUNCTION {}() RETURNS trigger LANGUAGE plpgsql{}{} AS {}", function,
                    expansion.as_owner ? " SECURITY DEFINER" : "", settings, quoted(body(expansion))),
        // Nobody else is to make a trigger of it that runs as its owner.
        fmt::format("REVOKE ALL ON FUNCTION {}() FROM PUBLIC", function),
        fmt::format("CREATE TRIGGER {} BEFORE INSERT OR UPDATE ON {} FOR EACH ROW EXECUTE FUNCTION {}()",
                    quote_identifier(expansion.trigger), expansion.table.sql(), function),
        // Rows that replication brings are written by nobody who could keep them equal.
        fmt::format("ALTER TABLE ONLY {} ENABLE ALWAYS TRIGGER {}", expansion.table.sql(),
                    quote_identifier(expansion.trigger)),
    };
    if (!expansion.owner.empty()) {
        all.push_back(fmt::format("ALTER FUNCTION {}() OWNER TO {}", function, quote_identifier(expansion.owner)));
    }
    return all;
}

std::optional<std::string> last_trigger_name(Oid table, const std::set<std::string>& others) {
    auto name = fmt::format("zz_pgwraith_expand_{}", table);
    for (int tries = 0; tries < 8; ++tries) {
        const bool last = std::ranges::all_of(others, [&](const std::string& other) { return other < name; });
        if (last) return name;
        name = "~" + name;
    }
    return std::nullopt;
}

std::string agrees(const NewColumn& column) {
    const auto same = [](const std::string& name, const std::string& type, const Value& value) {
        return fmt::format(is_same, quote_identifier(name), fmt::format("({})::{}", over_row(value), type));
    };
    std::vector<std::string> old;
    for (const auto& down : column.down) old.push_back(same(down.column, down.type, down.value));
    return fmt::format("({} OR ({}))", same(column.name, column.type, column.up), fmt::join(old, " AND "));
}

}  // namespace pgwraith::online
