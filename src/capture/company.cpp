#include "pgwraith/capture/company.h"

#include "pgwraith/base/names.h"
#include "pgwraith/catalog/company.h"

namespace pgwraith::capture {

bool Company::is_new(const std::string& who, bool allowed) {
    const bool first = known_.insert(who).second;
    return first && (looked_ || !allowed);
}

Task<std::string> Company::look(postgres::Connection& connection, Oid table) {
    const auto company = co_await catalog::read_company(connection, table);
    for (const auto& slot : company.slots) {
        if (!is_new("slot " + slot.name, rules_.allow_other_slots)) continue;
        spdlog::warn(
            "{} appeared: it is not bound to publications, so that its consumer is sent every row of the shadow table "
            "in "
            "schema pgwraith_new_{} from now on. Let it leave that schema out, or `pgwraith abort`",
            slot.describe(), table);
    }
    publishers_.clear();
    for (const auto& publisher : company.publishers) {
        publishers_ += (publishers_.empty() ? "" : ", ") + quote_identifier(publisher.name);
        if (!is_new("publication " + publisher.name, rules_.allow_all_tables)) continue;
        spdlog::warn(
            "publication {} appeared: it publishes the shadow table in schema pgwraith_new_{} too, which its "
            "subscribers do "
            "not have. Publish the tables one by one instead, or `pgwraith abort`",
            quote_identifier(publisher.name), table);
    }
    looked_ = true;
    co_return company.synchronous_standby_names;
}

}  // namespace pgwraith::capture
