#include "maker.h"
#include "pgwraith/base/error.h"

namespace pgwraith::online {

using plan::PartKind;

namespace {

bool is_not_null(const Maker& maker, const plan::Part& part) {
    const auto* column = maker.untouched(part.columns.front());
    return column != nullptr && column->not_null;
}

void make(Maker& maker, const plan::Part& part, const plan::WayOfPart& way, const std::string& server_says,
          const Facts::Referenced& referenced, const std::vector<QualifiedName>& others) {
    switch (part.kind) {
        case PartKind::fill:
            return make_fill(maker, part);
        case PartKind::set_not_null:
            if (way.way == plan::Way::instant && !is_not_null(maker, part))
                return make_instant(maker, part, way, others, referenced);
            return make_set_not_null(maker, part, server_says);
        case PartKind::add_check:
            return make_check(maker, part, server_says);
        case PartKind::add_foreign_key:
            return make_foreign_key(maker, part, server_says, referenced);
        case PartKind::create_index:
            return make_create_index(maker, part, server_says);
        case PartKind::drop_index:
            return make_drop_index(maker, part);
        case PartKind::add_unique:
        case PartKind::add_primary_key:
            return make_unique(maker, part, server_says);
        case PartKind::validate_constraint:
            return make_validate(maker, part, referenced);
        default:
            return make_instant(maker, part, way, others, referenced);
    }
}

}  // namespace

std::vector<Step> make_steps(const std::vector<plan::Part>& parts, const std::vector<plan::WayOfPart>& ways,
                             const plan::ServerSays& says, const catalog::Table& live, int server_version,
                             const Facts& facts, bool rehearsal) {
    ensure(ways.size() == parts.size() && says.names.size() == parts.size(), "each part has a way and a name");
    Maker maker(live, server_version, facts, rehearsal);
    for (std::size_t at = 0; at < parts.size(); ++at) {
        ensure(ways[at].way != plan::Way::shadow, "a part without a recipe");
        Facts::Referenced referenced;
        if (const auto found = facts.referenced.find(at); found != facts.referenced.end()) referenced = found->second;
        std::vector<QualifiedName> others;
        if (const auto found = says.locks.find(at); found != says.locks.end()) others = found->second;
        make(maker, parts[at], ways[at], says.names[at], referenced, others);
    }
    return maker.finish();
}

}  // namespace pgwraith::online
