// CREATE INDEX, and what is made of one: built CONCURRENTLY, under a lock that stops no reader or writer.
#include <fmt/format.h>

#include "maker.h"

namespace pgwraith::online {

void make_create_index(Maker& maker, const plan::Part& part, const std::string& server_says) {
    const auto name = maker.name_for(part, server_says);
    const char* unique = part.unique ? "UNIQUE " : "";
    // While a unique index is built that cannot be finished, the application's duplicates are refused already.
    if (part.unique) look_for_duplicates(maker, part, name);
    Step build{StepKind::create_index, fmt::format("CREATE {}INDEX {}", unique, name)};
    // A unique one would refuse rows of the application.
    if (part.unique && maker.rehearsal) build.what += ", not unique in a rehearsal";
    build.statements.push_back(fmt::format("CREATE {}INDEX CONCURRENTLY {} {}", maker.rehearsal ? "" : unique,
                                           quote_identifier(name), part.clause));
    build.index = name;
    maker.step(maker.if_there(std::move(build), part.columns));
}

void make_drop_index(Maker& maker, const plan::Part& part) {
    Step drop{StepKind::drop_index, part.summary};
    drop.statements.push_back("DROP INDEX CONCURRENTLY IF EXISTS " +
                              QualifiedName{maker.live.name.schema, part.name}.sql());
    drop.index = part.name;
    drop.kept = fmt::format("index {} is dropped", quote_identifier(part.name));
    for (const auto& index : maker.live.indexes) {
        if (index.name == part.name) drop.kept += fmt::format(" ({})", index.definition);
    }
    if (maker.rehearsal) {
        drop = Step{StepKind::locked, part.summary};
        drop.locks.push_back({maker.live.name, "SHARE UPDATE EXCLUSIVE"});
        drop = maker.instead(std::move(drop), InRehearsal::locked, "the index would be gone");
    }
    maker.step(std::move(drop));
}

}  // namespace pgwraith::online
