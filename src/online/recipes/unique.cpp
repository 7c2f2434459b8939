// UNIQUE and PRIMARY KEY: the index is built CONCURRENTLY, the constraint is made of it in an instant. NOT NULL of a
// key's columns comes before, as parts of their own: the constraint would read the table for it, under its lock.
#include <fmt/format.h>

#include "maker.h"

namespace pgwraith::online {

void make_unique(Maker& maker, const plan::Part& part, const std::string& server_says) {
    const auto name = maker.name_for(part, server_says);
    const auto quoted = quote_identifier(name);
    const bool primary = part.kind == plan::PartKind::add_primary_key;
    look_for_duplicates(maker, part, name);
    Step build{StepKind::create_index, "build " + name};
    // A unique one would refuse rows of the application.
    if (maker.rehearsal) build.what += ", not unique in a rehearsal";
    build.statements.push_back(fmt::format("CREATE {}INDEX CONCURRENTLY {} ON {} {}", maker.rehearsal ? "" : "UNIQUE ",
                                           quoted, maker.live.name.sql(), part.index_clause));
    build.index = name;
    maker.step(maker.if_there(std::move(build), part.columns));
    Step add{StepKind::locked, part.summary};
    add.statements.push_back(maker.alter(fmt::format("ADD CONSTRAINT {0} {1} USING INDEX {0} {2}", quoted,
                                                     primary ? "PRIMARY KEY" : "UNIQUE", part.attributes)));
    add.undo.push_back(maker.alter("DROP CONSTRAINT IF EXISTS " + quoted));
    add.locks.push_back({maker.live.name, "ACCESS EXCLUSIVE"});
    maker.locked(maker.instead(std::move(add), InRehearsal::locked, binds_rows));
}

}  // namespace pgwraith::online
