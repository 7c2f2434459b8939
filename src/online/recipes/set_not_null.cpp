// SET NOT NULL: the rows are read under a lock that stops nobody. From PostgreSQL 18 on NOT NULL is a constraint that
// may be NOT VALID; before, a CHECK of ours proves it to the server, which then reads nothing.
#include <fmt/format.h>

#include "maker.h"

namespace pgwraith::online {

namespace {

constexpr int not_null_constraints = 180000;

}  // namespace

void make_set_not_null(Maker& maker, const plan::Part& part, const std::string& server_says) {
    const auto& name = part.columns.front();
    const auto column = quote_identifier(name);
    const auto* before = maker.untouched(name);
    if (before != nullptr && before->not_null) return;
    const TableLock lock{maker.live.name, "ACCESS EXCLUSIVE"};
    look_for_nulls(maker, name);
    const auto undo = maker.undo_not_null(name);
    const auto add_what = fmt::format("NOT NULL of {}, for new rows", name);
    const auto validate_what = fmt::format("find no NULL in {}", name);
    if (maker.server_version >= not_null_constraints) {
        const auto chosen_name = maker.name_for(part, server_says);
        // The server adds none where one stands that is NOT VALID.
        const auto* standing = maker.not_null_of(name);
        if (chosen_name.empty() && standing != nullptr) {
            Step validate{StepKind::validate,
                          validate_what,
                          {maker.alter("VALIDATE CONSTRAINT " + quote_identifier(standing->name))},
                          {},
                          fmt::format("constraint {} stays validated", quote_identifier(standing->name))};
            return maker.step(maker.instead(std::move(validate), InRehearsal::tried, "it would stay validated"));
        }
        const auto chosen = quote_identifier(chosen_name);
        Step add{StepKind::locked,
                 add_what,
                 {maker.alter(fmt::format("ADD CONSTRAINT {} NOT NULL {} NOT VALID", chosen, column))},
                 undo,
                 "",
                 {lock}};
        maker.bind(std::move(add));
        return maker.validate(validate_what, chosen);
    }
    const auto helper = quote_identifier(maker.helper_name(fmt::format("pgwraith_{}_not_null", maker.live.oid)));
    const auto drop_helper = maker.alter("DROP CONSTRAINT IF EXISTS " + helper);
    Step add{StepKind::locked,
             add_what,
             {maker.alter(fmt::format("ADD CONSTRAINT {} CHECK ({} IS DISTINCT FROM NULL) NOT VALID", helper, column))},
             {drop_helper},
             "",
             {lock}};
    maker.bind(std::move(add));
    maker.validate(validate_what, helper);
    Step set{StepKind::locked,
             part.summary,
             {maker.alter(fmt::format("ALTER COLUMN {} SET NOT NULL", column)), drop_helper},
             undo,
             "",
             {lock}};
    maker.locked(maker.instead(std::move(set), InRehearsal::locked, "without the CHECK it would read the table"));
}

}  // namespace pgwraith::online
