// What the migration keeps in the journal (docs/formats.md). Names of documents and of their fields are on disk: do not
// rename them.
#pragma once

#include <map>
#include <string>

#include "pgwraith/catalog/definition.h"
#include "pgwraith/migration/progress.h"
#include "pgwraith/shadow/blueprint.h"
#include "pgwraith/store/document.h"
#include "state.h"

namespace pgwraith::migration {

struct PhaseEntered {
    Phase phase = Phase::prepare;
};

// The copy is about to be thrown away.
struct StartOver {
    std::string why;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(StartOver, why)

// Our publication was made to publish nothing.
struct PublicationSilenced {
    std::string why;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(PublicationSilenced, why)

// Standbys, by application_name.
struct SeenStandbys {
    std::map<std::string, int> known;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(SeenStandbys, known)

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(LongestWait, ms, by)

struct NotedWish {
    bool postponed = false;
    std::int64_t not_before = 0;  // seconds since 1970; 0: none
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(NotedWish, postponed, not_before)

// Of the last whole verification; `repaired` by all of them.
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Verification, rows_live, rows_shadow, repaired)

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(RehearsedStep, what, how, note, took_ms, attempts, waited_ms, blocks_ms,
                                   called_off_ms, parts)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Rehearsed, failed, interrupted, phases, steps, kept, way_back_ms)

nlohmann::json expand_json(const std::vector<config::ExpandColumn>& columns);
void to_json(nlohmann::json& out, const PhaseEntered& entered);
void from_json(const nlohmann::json& in, PhaseEntered& entered);
void to_json(nlohmann::json& out, const Identity& identity);
void from_json(const nlohmann::json& in, Identity& identity);
void to_json(nlohmann::json& out, const CopyStart& start);
void from_json(const nlohmann::json& in, CopyStart& start);

}  // namespace pgwraith::migration

namespace pgwraith::store {

template <>
inline constexpr const char* document_name<migration::Identity> = "identity";
template <>
inline constexpr const char* document_name<catalog::Definition> = "definition";
template <>
inline constexpr const char* document_name<shadow::Blueprint> = "blueprint";
template <>
inline constexpr const char* document_name<migration::BorrowedIdentity> = "replica_identity";
template <>
inline constexpr const char* document_name<migration::PhaseEntered> = "phase";
template <>
inline constexpr const char* document_name<migration::CopyStart> = "copy";
template <>
inline constexpr const char* document_name<migration::StartOver> = "start_over";
template <>
inline constexpr const char* document_name<migration::PublicationSilenced> = "publication_silenced";
template <>
inline constexpr const char* document_name<migration::Verification> = "verified";
template <>
inline constexpr const char* document_name<migration::LongestWait> = "waited";
template <>
inline constexpr const char* document_name<migration::SeenStandbys> = "standbys";
template <>
inline constexpr const char* document_name<migration::NotedWish> = "cutover_wish";
template <>
inline constexpr const char* document_name<migration::Rehearsed> = "rehearsal";

}  // namespace pgwraith::store
