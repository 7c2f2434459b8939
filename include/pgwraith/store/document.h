// The journal's documents as structs (docs/formats.md lists them). Needs all of nlohmann/json: include it where
// documents are read or written, not in headers of others.
//
// A module gives its struct a name, and says how it becomes JSON:
//
//     struct SlotStart {
//         Lsn start;
//     };
//     NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(SlotStart, start)  // on disk: do not rename
//     template <>
//     inline constexpr const char* store::document_name<SlotStart> = "slot";  // on disk: do not rename
#pragma once

#include <nlohmann/json.hpp>

#include "pgwraith/base/error.h"
#include "pgwraith/base/lsn.h"
#include "pgwraith/store/journal.h"

// As PostgreSQL prints it.
template <>
struct nlohmann::adl_serializer<pgwraith::Lsn> {
    static void to_json(json& out, const pgwraith::Lsn& lsn) { out = lsn.text(); }
    static void from_json(const json& in, pgwraith::Lsn& lsn) {
        const auto parsed = pgwraith::Lsn::parse(in.get<std::string>());
        pgwraith::ensure(parsed.has_value(), "an LSN in the journal is one");
        lsn = *parsed;
    }
};

namespace pgwraith::store {

template <typename Document>
inline constexpr const char* document_name = nullptr;

template <typename Document>
Task<std::optional<Document>> Journal::get() const {
    static_assert(document_name<Document> != nullptr, "the document has no name");
    const auto found = co_await get_named(document_name<Document>);
    if (!found) co_return std::nullopt;
    co_return found->template get<Document>();
}

template <typename Document>
Task<void> Journal::put(Document document) {
    static_assert(document_name<Document> != nullptr, "the document has no name");
    return put_named(document_name<Document>, nlohmann::json(document));
}

template <typename Document>
Task<void> Journal::erase() {
    static_assert(document_name<Document> != nullptr, "the document has no name");
    return erase_named(document_name<Document>);
}

}  // namespace pgwraith::store
