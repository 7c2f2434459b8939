// What the journal holds on disk, to the letter: a renamed member would make a state directory unreadable.
#include "documents.h"

#include <gtest/gtest.h>

#include "expansion.h"
#include "pgwraith/capture/documents.h"
#include "pgwraith/cutover/documents.h"
#include "pgwraith/transfer/documents.h"

namespace pgwraith::migration {
namespace {

using nlohmann::json;

// Written and read again, it is the same text.
template <typename Document>
void expect_on_disk(const Document& document, const char* name, const char* text) {
    EXPECT_STREQ(store::document_name<Document>, name);
    const json written = document;
    EXPECT_EQ(written, json::parse(text)) << written.dump();
    EXPECT_EQ(json(written.get<Document>()), written) << name;
}

TEST(Documents, OfTheMigration) {
    Identity identity{
        "7123", 3, 16384, 16390, {"app", "Order Items"}, "ALTER …", {{"a", "b"}}, "auto", {{"TimeZone", "UTC"}}};
    expect_on_disk(identity, "identity",
                   R"({"system_identifier":"7123","timeline":3,"database":16384,"table_oid":16390,"schema":"app",
                       "table":"Order Items","sql":"ALTER …","values":{"a":"b"},"key":"auto","way":"shadow","settings":{"TimeZone":"UTC"}})");
    expect_on_disk(PhaseEntered{Phase::catch_up}, "phase", R"({"phase":"catch_up"})");
    expect_on_disk(CopyStart{{7, 16391, 57344, 8192}, Lsn{0x16'B374'D848}}, "copy",
                   R"({"blocks":7,"file_node":16391,"heap_bytes":57344,"toast_bytes":8192,"from":"16/B374D848"})");
    expect_on_disk(
        BorrowedIdentity{{catalog::IdentityKind::primary_key}, {catalog::IdentityKind::index, "k", 16392}, true},
        "replica_identity",
        R"({"before":{"kind":"d","index":"","index_oid":0},
                       "meanwhile":{"kind":"i","index":"k","index_oid":16392},"was_set":true})");
    expect_on_disk(StartOver{"a TRUNCATE"}, "start_over", R"({"why":"a TRUNCATE"})");
    expect_on_disk(PublicationSilenced{"NOTHING"}, "publication_silenced", R"({"why":"NOTHING"})");
    expect_on_disk(Verification{5, 6, 1}, "verified", R"({"rows_live":5,"rows_shadow":6,"repaired":1})");
    expect_on_disk(LongestWait{12.5, "REFRESH"}, "waited", R"({"ms":12.5,"by":"REFRESH"})");
    expect_on_disk(SeenStandbys{{{"walreceiver", 2}}}, "standbys", R"({"known":{"walreceiver":2}})");
    expect_on_disk(catalog::Definition{{"column", "id", "bigint"}}, "definition", R"([["column","id","bigint"]])");
}

TEST(Documents, OfAnExpansion) {
    Identity identity;
    identity.way = "direct";
    identity.expand = {{"handle", "username", "", "", {}}, {"full", "", "text", "a || b", {{"a", "left(full, 1) "}}}};
    const json written = identity;
    const json expected = json::parse(R"([
        {"name":"handle","from":"username","type":"","up":"","down":{}},
        {"name":"full","from":"","type":"text","up":"a || b","down":{"a":"left(full, 1) "}}])");
    EXPECT_EQ(written.at("expand"), expected);
    EXPECT_EQ(written.get<Identity>().expand, identity.expand);
    expect_on_disk(ContractionBegun{4711}, "contraction", R"({"xid":4711})");
}

TEST(Documents, OfARehearsal) {
    Identity identity;
    identity.rehearsal = true;
    EXPECT_EQ(json(identity).at("rehearsal"), true);
    EXPECT_TRUE(json(identity).get<Identity>().rehearsal);
    Rehearsed rehearsed;
    rehearsed.failed = "why";
    rehearsed.interrupted = true;
    rehearsed.phases = {{"copy", 12}};
    rehearsed.steps = {{"the swap", "tried", "note", 5.5, 2, 1.5, 2.5, 3.5, {{"locks", 1.5}}}};
    rehearsed.kept = {"kept"};
    rehearsed.way_back_ms = 7.5;
    expect_on_disk(
        rehearsed, "rehearsal",
        R"({"failed":"why","interrupted":true,"phases":[["copy",12]],"steps":[{"what":"the swap","how":"tried",
                       "note":"note","took_ms":5.5,"attempts":2,"waited_ms":1.5,"blocks_ms":2.5,"called_off_ms":3.5,
                       "parts":[["locks",1.5]]}],"kept":["kept"],"way_back_ms":7.5})");
    expect_on_disk(PhaseEntered{Phase::going_back}, "phase", R"({"phase":"going_back"})");
}

TEST(Documents, OfOtherModules) {
    expect_on_disk(capture::SlotStart{Lsn{0x10}}, "slot", R"({"start":"0/10"})");
    expect_on_disk(capture::Truncated{Lsn{0x20}}, "truncate", R"({"commit":"0/20"})");
    expect_on_disk(transfer::VerifyPosition{false, {}, {1, 2}, {3, 4}, {{0, 2}}, 1, 5, 6, 1}, "verify",
                   R"({"by_key":false,"after":[],"live":{"file_node":1,"blocks":2},
                       "shadow":{"file_node":3,"blocks":4},"live_left":[[0,2]],
                       "shadow_next":1,"rows_live":5,"rows_shadow":6,"repaired":1})");
    expect_on_disk(transfer::RestlessKeys{{{"1", "a"}, {"2", "b"}}}, "restless", R"([["1","a"],["2","b"]])");
    expect_on_disk(cutover::SwapIntent{4711, {"REFRESH"}}, "cutover", R"({"xid":4711,"after_commit":["REFRESH"]})");
}

TEST(Documents, EveryPhaseIsReadAsItIsWritten) {
    for (const auto phase : {Phase::prepare, Phase::compare, Phase::expanded, Phase::contract, Phase::copy,
                             Phase::build, Phase::catch_up, Phase::verify, Phase::ready, Phase::cutover, Phase::done}) {
        EXPECT_EQ(json(PhaseEntered{phase}).get<PhaseEntered>().phase, phase) << phase_name(phase);
    }
    EXPECT_THROW(json({{"phase", "shrink"}}).get<PhaseEntered>(), Error) << "of another version";
}

}  // namespace
}  // namespace pgwraith::migration
