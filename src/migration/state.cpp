#include "state.h"

#include <fmt/format.h>

namespace pgwraith::migration {

using nlohmann::json;

namespace {

constexpr std::array phases{Phase::prepare, Phase::copy,  Phase::build,   Phase::catch_up,
                            Phase::verify,  Phase::ready, Phase::cutover, Phase::done};

}  // namespace

json State::require(const char* name) const {
    auto document = journal_.get(name);
    if (document) return *document;
    throw Error(ErrorKind::stopped, fmt::format("the state directory lacks the record \"{}\": it is damaged", name),
                "`pgwraith abort`, then start anew. The live table is untouched.");
}

std::optional<Identity> State::identity() const {
    auto document = journal_.get("identity");
    if (!document) return std::nullopt;
    Identity identity;
    document->at("system_identifier").get_to(identity.system_identifier);
    identity.timeline = document->value("timeline", 0U);
    document->at("database").get_to(identity.database);
    document->at("table_oid").get_to(identity.table_oid);
    document->at("schema").get_to(identity.table.schema);
    document->at("table").get_to(identity.table.name);
    document->at("sql").get_to(identity.sql);
    document->at("values").get_to(identity.values);
    document->at("settings").get_to(identity.settings);
    return identity;
}

void State::set_identity(const Identity& identity) {
    journal_.put("identity", {{"system_identifier", identity.system_identifier},
                              {"timeline", identity.timeline},
                              {"database", identity.database},
                              {"table_oid", identity.table_oid},
                              {"schema", identity.table.schema},
                              {"table", identity.table.name},
                              {"sql", identity.sql},
                              {"values", identity.values},
                              {"settings", identity.settings}});
}

Phase State::phase() const {
    auto document = journal_.get("phase");
    if (!document) return Phase::prepare;
    auto name = document->at("phase").get<std::string>();
    for (auto phase : phases) {
        if (name == phase_name(phase)) return phase;
    }
    throw Error(ErrorKind::stopped, fmt::format("the state directory records an unknown phase \"{}\"", name),
                "It was written by another version of pgwraith: use that one, or `pgwraith abort`.");
}

void State::set_phase(Phase phase) { journal_.put("phase", {{"phase", phase_name(phase)}}); }

catalog::Definition State::definition() const { return require("definition").get<catalog::Definition>(); }
void State::set_definition(const catalog::Definition& definition) { journal_.put("definition", definition); }

shadow::Blueprint State::blueprint() const { return require("blueprint").get<shadow::Blueprint>(); }
void State::set_blueprint(const shadow::Blueprint& blueprint) { journal_.put("blueprint", blueprint); }

CopyStart State::copy_start() const {
    auto document = require("copy");
    CopyStart start;
    document.at("blocks").get_to(start.target.blocks);
    document.at("file_node").get_to(start.target.file_node);
    document.at("heap_bytes").get_to(start.target.heap_bytes);
    document.at("toast_bytes").get_to(start.target.toast_bytes);
    start.from = Lsn::parse(document.at("from").get<std::string>()).value();
    return start;
}

void State::set_copy_start(const CopyStart& start) {
    journal_.clear_chunks();
    journal_.erase("verify");
    journal_.erase("verified");
    journal_.erase("restless");
    journal_.put("copy", {{"blocks", start.target.blocks},
                          {"file_node", start.target.file_node},
                          {"heap_bytes", start.target.heap_bytes},
                          {"toast_bytes", start.target.toast_bytes},
                          {"from", start.from.text()}});
}

bool State::slot_made() const { return journal_.get("slot").has_value(); }

std::optional<Verification> State::verified() const {
    auto document = journal_.get("verified");
    if (!document) return std::nullopt;
    Verification verification;
    document->at("rows_live").get_to(verification.rows_live);
    document->at("rows_shadow").get_to(verification.rows_shadow);
    document->at("repaired").get_to(verification.repaired);
    return verification;
}

void State::set_verified(const Verification& verification) {
    journal_.put("verified", {{"rows_live", verification.rows_live},
                              {"rows_shadow", verification.rows_shadow},
                              {"repaired", verification.repaired}});
}

void State::forget_verification() {
    journal_.erase("verify");
    journal_.erase("restless");
}

std::optional<std::string> State::starting_over() const {
    auto document = journal_.get("start_over");
    if (!document) return std::nullopt;
    return document->at("why").get<std::string>();
}

void State::set_starting_over(const std::string& why) { journal_.put("start_over", {{"why", why}}); }
void State::clear_starting_over() { journal_.erase("start_over"); }

std::optional<std::string> State::publication_silenced() const {
    auto document = journal_.get("publication_silenced");
    if (!document) return std::nullopt;
    return document->at("why").get<std::string>();
}

void State::set_publication_silenced(const std::string& why) { journal_.put("publication_silenced", {{"why", why}}); }

std::optional<Xid> State::cutover_xid() const {
    auto document = journal_.get("cutover");
    if (!document) return std::nullopt;
    return document->at("xid").get<Xid>();
}

void State::forget_cutover() { journal_.erase("cutover"); }

std::vector<std::string> State::after_commit() const {
    auto document = journal_.get("cutover");
    if (!document) return {};
    return document->at("after_commit").get<std::vector<std::string>>();
}

}  // namespace pgwraith::migration
