// config/example.yaml and docs/configuration.md are written from the table of settings; the example must load and give
// the defaults.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "field.h"
#include "helpers.h"
#include "reference.h"

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

// With PGWRAITH_WRITE_REFERENCE in the environment both are written instead (target `reference`).
void expect_file(const std::filesystem::path& file, const std::string& text) {
    if (std::getenv("PGWRAITH_WRITE_REFERENCE") != nullptr) {
        std::ofstream(file) << text;
        return;
    }
    std::stringstream there;
    there << std::ifstream(file).rdbuf();
    EXPECT_EQ(there.str(), text) << file << " does not say what src/config/fields.cpp says: "
                                 << "cmake --build --preset dev --target reference";
}

TEST(Reference, IsWhatTheTableOfSettingsSays) {
    expect_file(example_file(), example_file_text());
    expect_file(example_file().parent_path() / "../docs/configuration.md", reference_page_text());
}

TEST(Reference, EverySettingIsExplained) {
    for (const Field& field : fields()) {
        EXPECT_FALSE(field.about.empty()) << field.key << " needs a sentence (.says) in src/config/fields.cpp";
        // A range or a default that is typed becomes wrong one day.
        EXPECT_EQ(field.about.find("default:"), std::string::npos) << field.key;
        EXPECT_EQ(field.about.find("while it runs"), std::string::npos) << field.key;
    }
}

}  // namespace
}  // namespace pgwraith::config
