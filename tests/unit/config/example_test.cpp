// config/example.yaml is the manual of the settings: it must load, give the defaults and leave out nothing.
#include <filesystem>
#include <fstream>
#include <sstream>

#include <yaml-cpp/yaml.h>

#include "field.h"
#include "helpers.h"

namespace pgwraith::config {
namespace {

std::filesystem::path example_file() {
    return (std::filesystem::path(__FILE__).parent_path() / "../../../config/example.yaml").lexically_normal();
}

TEST(Example, GivesTheDefaults) {
    Settings settings = load(example_file());
    EXPECT_EQ(settings.table, (QualifiedName{"public", "orders"}));
    EXPECT_NE(settings.sql.find("CREATE INDEX orders_status_idx"), std::string::npos);
    EXPECT_EQ(settings.values.at("status"), "CASE WHEN shipped_at IS NULL THEN 'new' ELSE 'shipped' END");
    EXPECT_EQ(settings.state_dir, example_file().parent_path() / "state");

    // All but what is this example's own.
    Settings defaults;
    defaults.file = settings.file;
    defaults.table = settings.table;
    defaults.sql = settings.sql;
    defaults.values = settings.values;
    defaults.state_dir = settings.state_dir;
    EXPECT_EQ(settings, defaults);
}

TEST(Example, HasEveryKey) {
    const YAML::Node example = YAML::LoadFile(example_file().string());
    for (const Field& field : fields()) {
        YAML::Node part = YAML::Clone(example);
        for (std::size_t at = 0; at != std::string::npos;) {
            const auto dot = field.key.find('.', at);
            part.reset(part[field.key.substr(at, dot == std::string::npos ? dot : dot - at)]);
            ASSERT_TRUE(part) << field.key;
            at = dot == std::string::npos ? dot : dot + 1;
        }
    }
}

}  // namespace
}  // namespace pgwraith::config
