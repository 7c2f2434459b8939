#include "context.h"

#include "pgwraith/postgres/error.h"

namespace pgwraith::migration {

std::exception_ptr in_context(const std::exception_ptr& failure, const std::string& doing, const std::string& state) {
    try {
        std::rethrow_exception(failure);
    } catch (const postgres::PgError& error) {
        std::string hint = error.hint();
        if (!hint.empty()) hint += hint.back() == '.' ? " " : ". ";
        return std::make_exception_ptr(Error(error.kind(), doing + ": " + error.message(), hint + state));
    } catch (...) {
        return failure;
    }
}

}  // namespace pgwraith::migration
