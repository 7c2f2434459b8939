#include "answers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "ready_board.h"

namespace pgwraith::migration {
namespace {

using std::chrono::system_clock;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using Kind = Answer::Kind;

const system_clock::time_point later = system_clock::now() + std::chrono::hours{24};

class Answers : public ReadyBoard {
  protected:
    std::string text(Command command) { return answer(command, board).text; }
};

// A table of docs/commands.md: each row by the name of its first cell.
using Table = std::map<std::string, std::map<std::string, std::string>>;

std::vector<std::string> cells(const std::string& line) {
    std::vector<std::string> found;
    std::istringstream parts(line.substr(1));
    for (std::string cell; std::getline(parts, cell, '|');) {
        const auto begin = cell.find_first_not_of(" `");
        if (begin == std::string::npos) continue;
        found.push_back(cell.substr(begin, cell.find_last_not_of(" `") - begin + 1));
    }
    return found;
}

// Those before the heading "Without a process".
std::vector<Table> documented() {
    std::ifstream file(std::filesystem::path(__FILE__).parent_path() / "../../../docs/commands.md");
    std::vector<Table> tables;
    std::vector<std::string> head;
    for (std::string line; std::getline(file, line) && line != "## Without a process";) {
        if (!line.starts_with("|")) {
            head.clear();
        } else if (head.empty()) {
            head = cells(line);
            tables.emplace_back();
        } else if (!line.starts_with("| ---")) {
            const auto row = cells(line);
            for (std::size_t at = 1; at < row.size(); ++at) tables.back()[row.at(0)][head.at(at)] = row[at];
        }
    }
    return tables;
}

const char* in_words(Kind kind) {
    switch (kind) {
        case Kind::now:
            return "now";
        case Kind::later:
            return "later";
        case Kind::nothing:
            return "nothing";
        case Kind::refused:
            return "refused";
    }
    return "?";
}

std::string answered(const std::string& command, Board& board) {
    if (command == "cutover --at") return in_words(answer(Command::cutover, board, later).kind);
    for (const auto known : all_commands) {
        if (command != command_name(known)) continue;
        if (known == Command::resume) board.progress.paused = Clock::now();
        return in_words(answer(known, board).kind);
    }
    return "no such command";
}

using Seen = std::function<void(Progress&)>;

Seen in(Phase phase, bool direct) {
    return [phase, direct](Progress& progress) {
        progress.phase = phase;
        progress.direct = direct;
    };
}

TEST(AnswersTable, IsTheDocumentedOne) {
    std::vector<std::map<std::string, Seen>> moments(3);
    for (const auto phase : {Phase::prepare, Phase::copy, Phase::build, Phase::catch_up, Phase::verify, Phase::ready,
                             Phase::cutover, Phase::done}) {
        moments[0][phase_name(phase)] = in(phase, false);
    }
    for (const auto phase :
         {Phase::prepare, Phase::steps, Phase::ready, Phase::compare, Phase::expanded, Phase::done}) {
        moments[1][phase_name(phase)] = in(phase, true);
    }
    const auto contracting = [](Phase phase) {
        return [phase](Progress& progress) {
            progress.phase = phase;
            progress.direct = progress.contracts = true;
        };
    };
    moments[2]["prepare, of `contract"] = contracting(Phase::prepare);
    moments[2]["compare, of `contract"] = contracting(Phase::compare);
    moments[2]["contract"] = contracting(Phase::contract);
    moments[2]["rehearsal"] = [](Progress& progress) {
        progress.phase = Phase::copy;
        progress.rehearsal = true;
    };
    moments[2]["going_back"] = [](Progress& progress) {
        progress.phase = Phase::going_back;
        progress.rehearsal = true;
    };
    moments[2]["aborting"] = [](Progress& progress) {
        progress.phase = Phase::copy;
        progress.aborting = true;
    };
    const auto tables = documented();
    ASSERT_EQ(tables.size(), moments.size());
    asio::io_context io{1};
    for (std::size_t at = 0; at < tables.size(); ++at) {
        EXPECT_EQ(tables[at].size(), all_commands.size() + 1) << "every command, and cutover --at";
        for (const auto& [command, row] : tables[at]) {
            EXPECT_EQ(row.size(), moments[at].size()) << command;
            for (const auto& [moment, cell] : row) {
                ASSERT_TRUE(moments[at].contains(moment)) << moment;
                Board board(io.get_executor(), {});
                board.settings.cutover.mode = config::CutoverMode::manual;
                moments[at].at(moment)(board.progress);
                EXPECT_EQ(answered(command, board), cell) << command << " in " << moment;
            }
        }
    }
}

TEST_F(Answers, EachSaysSomethingAndARefusalWhatHelps) {
    for (const auto phase : all_phases) {
        for (const auto command : all_commands) {
            for (const bool direct : {false, true}) {
                board.progress.phase = phase;
                board.progress.direct = direct;
                const auto given = answer(command, board);
                const auto where = fmt::format("{} in {}", command_name(command), phase_name(phase));
                EXPECT_NE(given.text.empty(), command != Command::set) << where;
                EXPECT_EQ(given.hint.empty(), given.kind != Kind::refused) << where;
            }
        }
    }
}

TEST_F(Answers, TwiceIsNothing) {
    board.progress.paused = Clock::now();
    board.wish.postponed = true;
    board.verify_requested = true;
    for (const auto command : {Command::pause, Command::postpone, Command::verify}) {
        EXPECT_EQ(answer(command, board).kind, Kind::nothing) << command_name(command);
        EXPECT_THAT(text(command), HasSubstr("already"));
    }
    board.progress.paused.reset();
    EXPECT_EQ(answer(Command::resume, board).kind, Kind::nothing);
}

TEST_F(Answers, WhatHoldsItIsSaid) {
    board.gate.hold("replica_lag", "replica r is 20s behind", 2);
    EXPECT_THAT(text(Command::verify), HasSubstr(", waiting: replica r is 20s behind"));
    EXPECT_THAT(text(Command::cutover), HasSubstr("waiting: replica r is 20s behind"));
    EXPECT_THAT(text(Command::resume), HasSubstr("it still waits, which `resume` cannot change: replica r"));
    board.progress.paused = Clock::now();
    board.gate.hold(paused_by_operator, "paused by the operator");
    EXPECT_THAT(text(Command::cutover), HasSubstr("waiting: paused by the operator"));
    EXPECT_THAT(text(Command::resume), AllOf(HasSubstr("resumed"), HasSubstr("replica r"), Not(HasSubstr("paused"))));
    board.progress.outage = Outage{"connection refused", {}, {}, std::nullopt};
    EXPECT_THAT(text(Command::cutover), HasSubstr("waiting for the server: connection refused"));
    EXPECT_EQ(answer(Command::cutover, board).kind, Kind::later);
    EXPECT_THAT(text(Command::abort), HasSubstr("If the server stays away (connection refused)"));
}

TEST_F(Answers, VerifyingAgainIsForAMigrationThatWaits) {
    EXPECT_EQ(text(Command::verify), "verifying app.t again, from the start");
    board.cutover_requested = true;  // it waits for something else
    EXPECT_THAT(text(Command::verify), HasSubstr("the swap waits for that"));
    board.cutover_requested = false;
    board.progress.phase = Phase::copy;
    EXPECT_THAT(text(Command::verify), HasSubstr("in phase copy"));
    EXPECT_THAT(answer(Command::verify, board).hint, HasSubstr("ask again then"));
    board.settings.cutover.mode = config::CutoverMode::automatic;
    EXPECT_THAT(answer(Command::verify, board).hint, HasSubstr("`pgwraith postpone` makes it wait"));
    board.wish.postponed = true;
    EXPECT_THAT(answer(Command::verify, board).hint, HasSubstr("ask again then"));
}

TEST_F(Answers, ACutoverTakesEarlierWishesBack) {
    board.wish.postponed = true;
    EXPECT_THAT(text(Command::cutover), HasSubstr("postponed no longer"));
    board.wish = {false, system_clock::from_time_t(1'795'831'200)};
    EXPECT_THAT(text(Command::cutover), HasSubstr("2026-11-28 02:00:00 UTC no longer counts"));
    EXPECT_THAT(text(Command::postpone), HasSubstr("2026-11-28 02:00:00 UTC no longer counts"));
    EXPECT_THAT(answer(Command::cutover, board, system_clock::from_time_t(86'400)).text,
                HasSubstr("as soon as it may, because 1970-01-02 00:00:00 UTC has passed"));
    board.verify_requested = true;
    EXPECT_THAT(text(Command::cutover), HasSubstr("after the verification under way"));
}

// A process that carries on in `ready` has to reach the server first.
TEST_F(Answers, WhoStillConnectsPromisesNoSwapAtOnce) {
    EXPECT_EQ(answer(Command::cutover, board).kind, Kind::now);
    board.progress.activity = {"connecting to the server", Waits::server};
    EXPECT_EQ(answer(Command::cutover, board).kind, Kind::later);
    EXPECT_THAT(text(Command::cutover), HasSubstr("in phase ready, connecting to the server"));
}

}  // namespace
}  // namespace pgwraith::migration
