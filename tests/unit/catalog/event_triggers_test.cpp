#include "pgwraith/catalog/event_triggers.h"

#include <gtest/gtest.h>

namespace pgwraith::catalog {
namespace {

const std::vector<EventTrigger> triggers{{"no_drops", "audit.no"}, {"other", "public.no_more"}};

postgres::PgError error(std::string context) { return {"P0001", "no drops here", {}, {}, {}, std::move(context)}; }

TEST(EventTriggers, TheOneThatRaisedItIsNamed) {
    const std::string named = " [SQLSTATE P0001] (raised in event trigger no_drops (function audit.no))";
    EXPECT_EQ(message_with_origin(triggers, error("PL/pgSQL function audit.no() line 1 at RAISE")),
              "no drops here, in PL/pgSQL function audit.no() line 1 at RAISE" + named);
    EXPECT_EQ(message_with_origin(triggers, error("PL/pgSQL function no() line 1 at RAISE")),
              "no drops here, in PL/pgSQL function no() line 1 at RAISE" + named);
    EXPECT_EQ(message_with_origin(triggers, error("SQL statement \"x\"\nPL/pgSQL function no() line 1 at EXECUTE")),
              "no drops here, in PL/pgSQL function no() line 1 at EXECUTE" + named);
}

TEST(EventTriggers, WhatAnotherFunctionRaisedIsNotTheirs) {
    EXPECT_EQ(message_with_origin(triggers, error("PL/pgSQL function no_less() line 1 at RAISE")),
              "no drops here, in PL/pgSQL function no_less() line 1 at RAISE [SQLSTATE P0001]");
    EXPECT_EQ(remedy_for(triggers, error(""), "otherwise"), "otherwise");
}

}  // namespace
}  // namespace pgwraith::catalog
