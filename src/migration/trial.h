// The empty shadow with the user's statements on it, and whether the swap could follow: for `plan` and `run` alike.
#pragma once

#include <string>
#include <vector>

#include "pgwraith/carry/carry.h"
#include "pgwraith/catalog/event_triggers.h"
#include "pgwraith/catalog/preflight.h"
#include "pgwraith/plan/statements.h"
#include "pgwraith/shadow/blueprint.h"

namespace pgwraith::migration {

struct TrialInput {
    config::Settings settings;  // with the SQL as the role reads it
    MigrationNames names;
    catalog::Table live;
    catalog::Key key;
    std::string schema_comment;  // of the shadow's schema
    std::vector<catalog::EventTrigger> event_triggers;
};

struct Trial {
    plan::UserSql sql;
    shadow::Blueprint blueprint;
    carry::CarryContext context;
    std::vector<catalog::Refusal> refusals;  // all that speaks against the swap
    std::vector<std::string> warnings;
};

// Makes the shadow and looks for what the swap would fail on. REQUIRES: a transaction. Throws Error(refused) when the
// shadow itself cannot be made.
Task<Trial> try_shadow(postgres::Connection& connection, TrialInput input);

// In a transaction that is rolled back. What fails is a refusal, see rethrow_as_refusal().
Task<void> in_trial(postgres::Connection& connection, std::vector<catalog::EventTrigger> event_triggers,
                    Task<void> work);

// Runs the check; an Error(refused) goes into `refusals`, so that one answer can name everything.
Task<void> collect(std::vector<catalog::Refusal>& refusals, Task<void> check);

// For carry::check_carry() and plan_swap(): the table and the shadow just made for it.
carry::CarryContext carry_context(const catalog::Table& live, const shadow::Blueprint& blueprint,
                                  const MigrationNames& names, const config::Settings& settings);

// While nothing but an empty shadow was made, what the server refuses for good is a refusal of ours, and no error of
// the server stands alone. Throws in any case.
[[noreturn]] void rethrow_as_refusal(const std::exception_ptr& failure,
                                     const std::vector<catalog::EventTrigger>& event_triggers);

}  // namespace pgwraith::migration
