// CREATE INDEX, and what is made of one: built CONCURRENTLY, under a lock that stops no reader or writer.
#include <fmt/format.h>

#include "maker.h"

namespace pgwraith::online {

void make_create_index(Maker& maker, const plan::Part& part, const std::string& server_says) {
    const auto name = maker.name_for(part, server_says);
    const char* unique = part.unique ? "UNIQUE " : "";
    Step build{StepKind::create_index, fmt::format("CREATE {}INDEX {}", unique, name)};
    build.statements.push_back(
        fmt::format("CREATE {}INDEX CONCURRENTLY {} {}", unique, quote_identifier(name), part.clause));
    build.index = name;
    maker.step(std::move(build));
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
    maker.step(std::move(drop));
}

}  // namespace pgwraith::online
