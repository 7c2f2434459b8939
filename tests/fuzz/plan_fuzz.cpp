// Whatever the user's SQL says, it is turned to the shadow or refused; nothing else may come out.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "pgwraith/base/error.h"
#include "pgwraith/plan/statements.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace pgwraith;
    const std::string text(reinterpret_cast<const char*>(data), size);
    const QualifiedName table{"public", "t"};
    try {
        const plan::UserSql sql = plan::parse_user_sql(text, table, "pgwraith_new_1");
        for (const auto& statement : sql.statements) {
            if (statement.shadow_sql.empty() || statement.summary.empty() || statement.line < 1) {
                std::abort();  // accepted, but not valid
            }
        }
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::refused || error.message().empty()) {
            std::abort();
        }
    }
    return 0;
}
