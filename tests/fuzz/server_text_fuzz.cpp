// Whatever the text, surgery on it ends, with a result or an internal error; what it finds is where it says.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "pgwraith/base/error.h"
#include "pgwraith/plan/server_text.h"

namespace {

using namespace pgwraith;

template <typename Operation>
void try_out(Operation operation) {
    try {
        operation();
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::internal) std::abort();
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    const auto first = plan::find_unquoted(text, " ON ");
    const auto last = plan::find_last_unquoted(text, " ON ");
    if ((first == std::string::npos) != (last == std::string::npos) || first > last) std::abort();
    if (first != std::string::npos && text.compare(first, 4, " ON ") != 0) std::abort();
    try_out([&] { plan::on_table(text, "t"); });
    try_out([&] { plan::rule_on_table(text, "t"); });
    try_out([&] { plan::statistics_on_table(text, "s", "t"); });
    try_out([&] { plan::routine_with_name(text, {"s", "f"}); });
    plan::relation_of(text);
    return 0;
}
