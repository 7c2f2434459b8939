#include "pgwraith/online/contraction.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace pgwraith::online {

namespace {

using catalog::Table;

constexpr const char* strongest = "ACCESS EXCLUSIVE";

// How wide a sequence, or an integer column, is; 0: none of them.
int width_of(const std::string& type) {
    if (type == "smallint") return 2;
    if (type == "integer") return 4;
    return type == "bigint" ? 8 : 0;
}

class Writer {
  public:
    Writer(const Expansion& expansion, const Table& live, const Inheritance& inheritance)
        : expansion_(expansion), live_(live), inheritance_(inheritance), table_(live.name.sql()) {}

    ShortWork write();

  private:
    void say(std::string statement) { work_.statements.push_back(std::move(statement)); }
    void alter(const std::string& what) { say(fmt::format("ALTER TABLE ONLY {} {}", table_, what)); }
    void hand_over(const NewColumn& column);
    void hand_over_identity(const NewColumn& column, const catalog::Sequence& sequence);
    void drop_old();
    void rename(const Twin& twin);
    void comment(const Twin& twin);
    void rename_statistics(const Twin& twin);
    std::string in_schema(const std::string& name) const { return QualifiedName{live_.name.schema, name}.sql(); }

    const Expansion& expansion_;
    const Table& live_;
    const Inheritance& inheritance_;
    std::string table_;
    ShortWork work_;
};

// The sequence cannot change its owner: a new one goes on where it was, and gets its name.
void Writer::hand_over_identity(const NewColumn& column, const catalog::Sequence& sequence) {
    const auto meanwhile = QualifiedName{sequence.name.schema, fmt::format("pgwraith_{}_identity", live_.oid)};
    const auto* old = live_.column(column.from);
    auto next = sequence;
    if (width_of(column.type) > width_of(sequence.type) && sequence.maximum == (1LL << 31) - 1) {
        next.maximum = std::numeric_limits<std::int64_t>::max();
    }
    // Nobody draws a number between the reading of the last one and the end.
    const auto before = QualifiedName{sequence.name.schema, fmt::format("pgwraith_{}_before", live_.oid)};
    say(fmt::format("ALTER SEQUENCE {} RENAME TO {}", sequence.name.sql(), quote_identifier(before.name)));
    alter(fmt::format("ALTER COLUMN {} ADD GENERATED {} AS IDENTITY (SEQUENCE NAME {} {})",
                      quote_identifier(column.name),
                      old->identity == catalog::IdentityColumn::always ? "ALWAYS" : "BY DEFAULT", meanwhile.sql(),
                      next.options_sql()));
    say(fmt::format("SELECT pg_catalog.setval({}::pg_catalog.regclass, last_value, is_called) FROM {}",
                    quote_literal(meanwhile.sql()), before.sql()));
    for (const auto& grant : sequence.grants) {
        if (grant.grantee != sequence.owner) say(grant.sql("SEQUENCE", meanwhile.sql()));
    }
    if (sequence.comment)
        say(fmt::format("COMMENT ON SEQUENCE {} IS {}", meanwhile.sql(), quote_literal(*sequence.comment)));
    alter(fmt::format("ALTER COLUMN {} DROP IDENTITY", quote_identifier(column.from)));
    say(fmt::format("ALTER SEQUENCE {} RENAME TO {}", meanwhile.sql(), quote_identifier(sequence.name.name)));
}

void Writer::hand_over(const NewColumn& column) {
    const auto* old = column.from.empty() ? nullptr : live_.column(column.from);
    if (old == nullptr) return;
    for (const auto& sequence : live_.sequences) {
        if (sequence.column != old->attnum) continue;
        if (sequence.identity) {
            hand_over_identity(column, sequence);
            continue;
        }
        const bool wider = width_of(column.type) > width_of(sequence.type);
        say(fmt::format("ALTER SEQUENCE {}{} OWNED BY {}.{}", sequence.name.sql(), wider ? " AS " + column.type : "",
                        table_, quote_identifier(column.name)));
    }
    const auto value = inheritance_.defaults.find(column.name);
    if (value == inheritance_.defaults.end()) return;
    alter(fmt::format("ALTER COLUMN {} SET DEFAULT {}", quote_identifier(column.name), value->second));
}

void Writer::drop_old() {
    for (const auto& [name, parent] : inheritance_.references) {
        alter("DROP CONSTRAINT " + quote_identifier(name));
        if (parent != live_.name) work_.locks.push_back({parent, strongest});
    }
    for (const auto& twin : expansion_.twins) {
        if (twin.kind == Twin::Kind::primary_key) alter("DROP CONSTRAINT " + quote_identifier(twin.old_name));
    }
    std::vector<std::string> drops;
    for (const auto& name : expansion_.old_columns) drops.push_back("DROP COLUMN " + quote_identifier(name));
    alter(fmt::format("{}", fmt::join(drops, ", ")));
}

void Writer::comment(const Twin& twin) {
    const auto name = quote_identifier(twin.old_name);
    const auto constraint = std::ranges::find(live_.constraints, twin.old_name, &catalog::Constraint::name);
    if (twin.kind != Twin::Kind::index && constraint != live_.constraints.end() && constraint->comment) {
        say(fmt::format("COMMENT ON CONSTRAINT {} ON {} IS {}", name, table_, quote_literal(*constraint->comment)));
    }
    const auto index = std::ranges::find(live_.indexes, twin.old_name, &catalog::Index::name);
    if (index == live_.indexes.end()) return;
    if (index->comment) {
        say(fmt::format("COMMENT ON INDEX {} IS {}", in_schema(twin.old_name), quote_literal(*index->comment)));
    }
    for (const auto& [column, target] : index->statistics_targets) {
        say(fmt::format("ALTER INDEX {} ALTER COLUMN {} SET STATISTICS {}", in_schema(twin.old_name), column, target));
    }
}

// The old ones have gone with their column.
void Writer::rename_statistics(const Twin& twin) {
    const auto* old = live_.statistics_named(twin.old_name);
    if (old == nullptr) return;
    const QualifiedName ours{old->name.schema, twin.name};
    say(fmt::format("ALTER STATISTICS {} RENAME TO {}", ours.sql(), quote_identifier(twin.old_name)));
    if (!old->comment) return;
    say(fmt::format("COMMENT ON STATISTICS {} IS {}", old->name.sql(), quote_literal(*old->comment)));
}

void Writer::rename(const Twin& twin) {
    const auto name = quote_identifier(twin.name);
    const auto old_name = quote_identifier(twin.old_name);
    switch (twin.kind) {
        case Twin::Kind::index:
            say(fmt::format("ALTER INDEX {} RENAME TO {}", in_schema(twin.name), old_name));
            break;
        case Twin::Kind::constraint:
            alter(fmt::format("RENAME CONSTRAINT {} TO {}", name, old_name));
            break;
        case Twin::Kind::primary_key:
            alter(fmt::format("ADD CONSTRAINT {} PRIMARY KEY USING INDEX {} {}", old_name, name, twin.attributes));
            break;
        case Twin::Kind::statistics:
            return rename_statistics(twin);
    }
    comment(twin);
    if (twin.clustered) alter("CLUSTER ON " + old_name);
    if (twin.replica_identity) alter("REPLICA IDENTITY USING INDEX " + old_name);
}

ShortWork Writer::write() {
    work_.table = expansion_.oid;
    work_.locks.push_back({live_.name, strongest});
    say(fmt::format("DROP TRIGGER {} ON {}", quote_identifier(expansion_.trigger), table_));
    say(fmt::format("DROP FUNCTION {}()", expansion_.function_name().sql()));
    for (const auto& column : expansion_.columns) hand_over(column);
    drop_old();
    for (const auto& twin : expansion_.twins) rename(twin);
    return std::move(work_);
}

}  // namespace

ShortWork contraction(const Expansion& expansion, const Table& live, const Inheritance& inheritance) {
    return Writer(expansion, live, inheritance).write();
}

}  // namespace pgwraith::online
