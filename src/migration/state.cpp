#include "state.h"

#include <fmt/format.h>

#include "documents.h"
#include "pgwraith/capture/documents.h"
#include "pgwraith/cutover/documents.h"
#include "pgwraith/online/documents.h"
#include "pgwraith/transfer/documents.h"

namespace pgwraith::migration {

namespace {

template <typename Document>
Task<Document> require(store::Journal& journal) {
    auto document = co_await journal.get<Document>();
    if (document) co_return *std::move(document);
    throw Error(
        ErrorKind::stopped,
        fmt::format("the state directory lacks the record \"{}\": it is damaged", store::document_name<Document>),
        "`pgwraith abort`, then start anew.");
}

}  // namespace

Task<std::optional<Identity>> State::identity() const { return journal_.get<Identity>(); }
Task<void> State::set_identity(Identity identity) { return journal_.put(std::move(identity)); }

Task<Phase> State::phase() const {
    const auto entered = co_await journal_.get<PhaseEntered>();
    if (!entered) co_return Phase::prepare;
    co_return entered->phase;
}

Task<void> State::set_phase(Phase phase) { return journal_.put(PhaseEntered{phase}); }

Task<catalog::Definition> State::definition() const { return require<catalog::Definition>(journal_); }
Task<void> State::set_definition(catalog::Definition definition) { return journal_.put(std::move(definition)); }

Task<shadow::Blueprint> State::blueprint() const { return require<shadow::Blueprint>(journal_); }
Task<void> State::set_blueprint(shadow::Blueprint blueprint) { return journal_.put(std::move(blueprint)); }

Task<std::optional<BorrowedIdentity>> State::borrowed_identity() const { return journal_.get<BorrowedIdentity>(); }
Task<void> State::set_borrowed_identity(BorrowedIdentity borrowed) { return journal_.put(std::move(borrowed)); }
Task<void> State::forget_borrowed_identity() { return journal_.erase<BorrowedIdentity>(); }

Task<CopyStart> State::copy_start() const { return require<CopyStart>(journal_); }

Task<void> State::set_copy_start(CopyStart start) {
    co_await journal_.clear_chunks();
    co_await journal_.erase<transfer::VerifyPosition>();
    co_await journal_.erase<Verification>();
    co_await journal_.erase<transfer::RestlessKeys>();
    co_await journal_.put(start);
}

Task<bool> State::slot_made() const {
    const auto slot = co_await journal_.get<capture::SlotStart>();
    co_return slot.has_value();
}

Task<std::optional<Verification>> State::verified() const { return journal_.get<Verification>(); }
Task<void> State::set_verified(Verification verification) { return journal_.put(verification); }

Task<void> State::forget_verification() {
    co_await journal_.erase<transfer::VerifyPosition>();
    co_await journal_.erase<transfer::RestlessKeys>();
}

Task<std::optional<std::string>> State::starting_over() const {
    auto recorded = co_await journal_.get<StartOver>();
    if (!recorded) co_return std::nullopt;
    co_return std::move(recorded->why);
}

Task<void> State::set_starting_over(std::string why) { return journal_.put(StartOver{std::move(why)}); }
Task<void> State::clear_starting_over() { return journal_.erase<StartOver>(); }

Task<std::optional<std::string>> State::publication_silenced() const {
    auto recorded = co_await journal_.get<PublicationSilenced>();
    if (!recorded) co_return std::nullopt;
    co_return std::move(recorded->why);
}

Task<void> State::set_publication_silenced(std::string why) {
    return journal_.put(PublicationSilenced{std::move(why)});
}

Task<std::optional<LongestWait>> State::longest_wait() const { return journal_.get<LongestWait>(); }
Task<void> State::set_longest_wait(LongestWait wait) { return journal_.put(std::move(wait)); }

Task<std::map<std::string, int>> State::standbys() const {
    auto seen = co_await journal_.get<SeenStandbys>();
    if (!seen) co_return std::map<std::string, int>();
    co_return std::move(seen->known);
}

Task<void> State::set_standbys(std::map<std::string, int> known) {
    return journal_.put(SeenStandbys{std::move(known)});
}

Task<std::optional<Xid>> State::cutover_xid() const {
    const auto intent = co_await journal_.get<cutover::SwapIntent>();
    if (!intent) co_return std::nullopt;
    co_return intent->xid;
}

Task<std::vector<std::string>> State::after_commit() const {
    auto intent = co_await journal_.get<cutover::SwapIntent>();
    if (!intent) co_return std::vector<std::string>();
    co_return std::move(intent->after_commit);
}

Task<bool> State::taken_back() const {
    const auto recorded = co_await journal_.get<online::TakingBack>();
    if (!recorded) co_return false;
    const auto now = co_await phase();
    co_return now != Phase::going_back;
}

Task<void> State::set_taken_back() const {
    const auto recorded = co_await journal_.get<online::TakingBack>();
    if (!recorded) co_await journal_.put(online::TakingBack());
}

Task<std::optional<Rehearsed>> State::rehearsed() const { return journal_.get<Rehearsed>(); }
Task<void> State::set_rehearsed(Rehearsed rehearsed) { return journal_.put(std::move(rehearsed)); }

Task<void> State::forget_cutover() { return journal_.erase<cutover::SwapIntent>(); }

}  // namespace pgwraith::migration
