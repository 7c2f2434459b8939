#include "answers.h"

#include <fmt/format.h>

#include "moment.h"
#include "pgwraith/base/error.h"

namespace pgwraith::migration {

using Kind = Answer::Kind;

namespace {

std::string table(const Board& board) { return display_name(board.settings.table); }

// Without a `cutover` of an operator it will not swap.
bool waits_for_a_word(const Board& board) {
    if (board.rehearses()) return false;
    if (board.wish.postponed) return true;
    if (board.contracts()) return false;  // the command is the word
    return board.settings.cutover.mode == config::CutoverMode::manual && !board.cutover_requested;
}

// The steps that may wait for a word are over, or there are none.
bool has_no_swap_ahead(const Board& board) {
    const auto phase = board.progress.phase;
    if (board.contracts()) return false;
    return phase == Phase::compare || phase == Phase::expanded || phase == Phase::contract;
}

// The last step that cannot be taken back.
const char* last_step(const Board& board) {
    if (board.contracts()) return "contraction";
    return board.progress.direct ? "step that stops readers" : "swap";
}

bool tries(const Board& board) {
    return board.progress.phase == Phase::cutover || (board.contracts() && board.progress.phase == Phase::contract);
}

std::optional<Answer> in_the_end(Command command, const Board& board) {
    const auto phase = board.progress.phase;
    if (phase == Phase::done && command != Command::set) {
        if (command == Command::cutover) {
            return Answer{Kind::nothing, fmt::format("{} has its new shape already; the rest is being cleared up, then "
                                                     "the process ends",
                                                     table(board))};
        }
        return Answer{Kind::refused,
                      fmt::format("too late for `{}`: {} has its new shape", command_name(command), table(board)),
                      "Nothing of it is taken back. The process clears up what is left, and ends by itself."};
    }
    if (board.progress.aborting) {
        if (command == Command::abort) {
            return Answer{Kind::nothing,
                          "it is being aborted already: what the migration made is dropped, then the process ends"};
        }
        return Answer{Kind::refused,
                      fmt::format("too late for `{}`: the migration is being aborted", command_name(command)),
                      "`pgwraith status` says what it does. When it has ended, `pgwraith run` begins anew."};
    }
    if (phase == Phase::going_back && command != Command::set) {
        if (command == Command::abort) {
            return Answer{Kind::nothing,
                          "the rehearsal goes back already: what it made is dropped, then the process ends"};
        }
        return Answer{Kind::refused, fmt::format("too late for `{}`: the rehearsal goes back", command_name(command)),
                      "`pgwraith status` says what it does. It prints what it measured, and ends by itself."};
    }
    return std::nullopt;
}

const char* what_follows_preparing(const Board& board) {
    if (board.contracts()) return "the comparison waits";
    return board.progress.direct ? "no step begins" : "the copy waits";
}

// What a pause does in a phase. `later`: what goes on meanwhile is not held.
Answer held_in(const Board& board) {
    switch (board.progress.phase) {
        case Phase::prepare:
            return {Kind::later, fmt::format("preparing goes on, then {}", what_follows_preparing(board))};
        case Phase::copy:
            return {Kind::now, "the chunks under way are finished, then the copy waits; changes are still received"};
        case Phase::build:
            return {Kind::now, "what is being built is finished, then the build waits; changes are still received"};
        case Phase::catch_up:
            return {Kind::later, "changes are still received and applied; what follows waits"};
        case Phase::verify:
            return {Kind::now,
                    "the ranges under way are finished, then the comparison waits; changes are still received and "
                    "applied"};
        case Phase::ready:
            return {Kind::now, board.progress.direct ? "no step begins"
                                                     : "no swap begins; changes are still received and applied"};
        case Phase::steps:
            return {Kind::now, "the step that has begun comes to its end, a fill that of its chunks; then it waits"};
        case Phase::compare:
            return {Kind::now, "the chunk under way is finished, then the comparison waits"};
        default:
            return {Kind::later, "an attempt that has begun comes to its end, and no other begins"};
    }
}

Answer pause(const Board& board) {
    if (board.progress.paused) return {Kind::nothing, "it is paused already; `pgwraith resume` lets it go on"};
    auto held = held_in(board);
    return {held.kind, "paused: " + held.text + ". `pgwraith resume` lets it go on"};
}

Answer resume(const Board& board) {
    const auto others = board.progress.paused ? board.gate.reason_beside(paused_by_operator) : board.gate.reason();
    const auto waits = others ? fmt::format("; it still waits, which `resume` cannot change: {}", *others) : "";
    if (!board.progress.paused) return {Kind::nothing, "it is not paused" + waits};
    return {Kind::now, fmt::format("resumed (in phase {}){}", phase_name(board.progress.phase), waits)};
}

Answer verify(const Board& board) {
    const auto phase = board.progress.phase;
    if (board.rehearses()) {
        return {Kind::refused, "a rehearsal compares the rows once, by itself",
                "`pgwraith status` shows how far it is."};
    }
    if (board.progress.direct || board.contracts()) {
        return {Kind::refused, "there is no second table to compare: the change is made on the table itself",
                "What it fills, it compares by itself (verify: full)."};
    }
    if (phase == Phase::verify || board.verify_requested) {
        return {Kind::nothing, "it is being verified already" + what_holds(board)};
    }
    if (phase == Phase::ready) {
        return {Kind::now, fmt::format("verifying {} again, from the start{}{}", table(board),
                                       waits_for_a_word(board) ? "" : "; the swap waits for that", what_holds(board))};
    }
    const std::string when = waits_for_a_word(board)
                                 ? "`pgwraith status --watch` shows when it is ready; ask again then."
                                 : "It goes on to the swap by itself: `pgwraith postpone` makes it wait before it, "
                                   "then ask again when `pgwraith status` says ready.";
    if (phase == Phase::cutover) {
        return {Kind::refused, "too late for `verify`: the swap is being tried (phase cutover)", when};
    }
    return {Kind::refused,
            fmt::format("too early for `verify`: it is in phase {}{}", phase_name(phase), what_holds(board)), when};
}

// What an earlier wish was, if this one takes it back.
std::string instead_of(const Board& board) {
    if (board.wish.postponed) return "; it is postponed no longer";
    if (board.wish.not_before) return fmt::format("; {} no longer counts", in_words(*board.wish.not_before));
    return "";
}

std::optional<Answer> no_swap(const Board& board) {
    if (board.rehearses()) {
        return Answer{Kind::refused, "this is a rehearsal: there is no cutover, and it waits for none",
                      "`pgwraith run` migrates the table."};
    }
    if (!has_no_swap_ahead(board)) return std::nullopt;
    return Answer{Kind::refused, "nothing is left that would wait for a word: the columns stand side by side",
                  "`pgwraith contract` ends that, when `run` has ended."};
}

Answer cutover_at(const Board& board, std::chrono::system_clock::time_point at) {
    const bool passed = at <= std::chrono::system_clock::now();
    const auto when = passed ? fmt::format("as soon as it may, because {} has passed", in_words(at))
                             : fmt::format("at {}, if the migration is ready", in_words(at));
    if (tries(board)) {
        return {Kind::later, fmt::format("an attempt that has begun comes to its end; the next begins {}{}", when,
                                         what_holds(board))};
    }
    return {Kind::later,
            fmt::format("the {} will begin {} (it is in phase {}{})", board.contracts() ? "contraction" : "cutover",
                        when, phase_name(board.progress.phase), what_holds(board))};
}

Answer cutover(const Board& board) {
    const auto phase = board.progress.phase;
    if (tries(board)) {
        const bool again = board.wish.postponed || board.wish.not_before;
        return {again ? Kind::now : Kind::nothing,
                fmt::format("the {} is being tried ({} attempts so far{}){}", last_step(board),
                            board.progress.cutover_attempts, what_holds(board), instead_of(board))};
    }
    const auto& window = board.settings.cutover.window;
    const auto within = window.always() ? "" : ", within " + window.text();
    if (board.contracts()) {
        return {Kind::later, fmt::format("the contraction begins as soon as it may{} (it is in phase {}{}){}", within,
                                         phase_name(phase), what_holds(board), instead_of(board))};
    }
    if (board.progress.direct && phase != Phase::ready) {
        return {Kind::later, fmt::format("steps that stop readers will begin without waiting for a word{} (it is in "
                                         "phase {}{}){}",
                                         within, phase_name(phase), what_holds(board), instead_of(board))};
    }
    const bool free = window.always() && !board.verify_requested && what_holds(board).empty();
    if (phase == Phase::ready && free) return {Kind::now, "the cutover begins now" + instead_of(board)};
    const auto after = board.verify_requested ? ", after the verification under way" : "";
    return {Kind::later, fmt::format("the cutover will begin as soon as the migration is ready{}{} (it is in phase "
                                     "{}{}){}",
                                     within, after, phase_name(phase), what_holds(board), instead_of(board))};
}

Answer postpone(const Board& board) {
    const auto phase = phase_name(board.progress.phase);
    if (board.wish.postponed) {
        return {Kind::nothing, fmt::format("it is postponed already: no {} before `pgwraith cutover` (it is in phase "
                                           "{})",
                                           last_step(board), phase)};
    }
    return {tries(board) ? Kind::later : Kind::now,
            fmt::format("postponed: no {} before `pgwraith cutover` (it is in phase {}){}", last_step(board), phase,
                        tries(board) ? "; an attempt that has begun comes to its end" : "") +
                instead_of(board)};
}

Answer abort(const Board& board) {
    const std::string what = board.progress.direct ? "what was done on the table is taken back"
                                                   : "everything that the migration made is dropped";
    const auto away =
        board.progress.outage
            ? fmt::format(". If the server stays away ({}), the same command does it later", board.progress.outage->why)
            : "";
    return {Kind::now, fmt::format("aborting: {}, then the process ends{}", what, away)};
}

}  // namespace

const char* command_name(Command command) {
    switch (command) {
        case Command::pause:
            return "pause";
        case Command::resume:
            return "resume";
        case Command::set:
            return "set";
        case Command::verify:
            return "verify";
        case Command::cutover:
            return "cutover";
        case Command::postpone:
            return "postpone";
        case Command::abort:
            return "abort";
    }
    return "unknown";
}

std::string what_holds(const Board& board) {
    if (board.progress.outage) return ", waiting for the server: " + board.progress.outage->why;
    if (board.progress.activity.waits == Waits::server) return ", connecting to the server";
    const auto reason = board.gate.reason();
    return reason ? ", waiting: " + *reason : "";
}

std::string when_it_swaps(const Board& board) {
    if (has_no_swap_ahead(board)) return "";
    if (board.rehearses()) return "it is tried, and rolled back";
    if (board.wish.postponed) return "postponed, until `pgwraith cutover`";
    std::string when = "it follows by itself";
    if (waits_for_a_word(board)) when = "when `pgwraith cutover` says so";
    if (board.cutover_requested) when = "as soon as it may: it was asked for";
    if (board.wish.not_before) when = "not before " + in_words(*board.wish.not_before);
    const auto& window = board.settings.cutover.window;
    return window.always() ? when : fmt::format("{}, within {}", when, window.text());
}

Answer answer(Command command, const Board& board, std::optional<std::chrono::system_clock::time_point> at) {
    if (auto end = in_the_end(command, board)) return *end;
    switch (command) {
        case Command::pause:
            return pause(board);
        case Command::resume:
            return resume(board);
        case Command::set:
            return {Kind::now, ""};
        case Command::verify:
            return verify(board);
        case Command::cutover:
        case Command::postpone:
            if (auto none = no_swap(board)) return *none;
            if (command == Command::postpone) return postpone(board);
            return at ? cutover_at(board, *at) : cutover(board);
        case Command::abort:
            return abort(board);
    }
    broken_assumption("every command has an answer");
}

}  // namespace pgwraith::migration
