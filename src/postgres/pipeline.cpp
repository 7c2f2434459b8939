#include "pgwraith/postgres/pipeline.h"

#include "connection_impl.h"

namespace pgwraith::postgres {

Pipeline::Pipeline(Connection& connection)
    : impl_(connection.impl()), operation_(std::make_unique<Operation>(connection.impl())) {
    ensure(PQenterPipelineMode(impl_.connection) == 1, "a session that is not busy takes a pipeline");
}

Pipeline::~Pipeline() = default;

namespace {

std::vector<const char*> pointers(const std::vector<Param>& params) {
    std::vector<const char*> values;
    values.reserve(params.size());
    for (const auto& param : params) values.push_back(param ? param->c_str() : nullptr);
    return values;
}

}  // namespace

void Pipeline::about_to_send() {
    if (unanswered_ == 0) impl_.asked = Clock::now();
}

void Pipeline::add(const std::string& sql, const std::vector<Param>& params) {
    about_to_send();
    const auto values = pointers(params);
    spdlog::trace("pid {}: {}", PQbackendPID(impl_.connection), sql);
    const int sent = PQsendQueryParams(impl_.connection, sql.c_str(), static_cast<int>(values.size()), nullptr,
                                       values.data(), nullptr, nullptr, 0);
    if (sent == 0) impl_.throw_lost("sending");
}

void Pipeline::add_prepared(const std::string& name, const std::vector<Param>& params) {
    about_to_send();
    const auto values = pointers(params);
    spdlog::trace("pid {}: {} as prepared", PQbackendPID(impl_.connection), name);
    const int sent = PQsendQueryPrepared(impl_.connection, name.c_str(), static_cast<int>(values.size()), values.data(),
                                         nullptr, nullptr, 0);
    if (sent == 0) impl_.throw_lost("sending");
}

void Pipeline::end_part() {
    if (PQpipelineSync(impl_.connection) == 0) impl_.throw_lost("sending");
    ++unanswered_;
}

Task<void> Pipeline::send() { return impl_.flush(); }

Task<std::vector<Result>> Pipeline::answers() {
    ensure(unanswered_ > 0, "a part was sent");
    std::optional<PgError> failure;
    auto results = co_await read_part(failure);
    while (failure && unanswered_ > 0) co_await read_part(failure);
    if (unanswered_ == 0) {
        ensure(PQexitPipelineMode(impl_.connection) == 1, "all parts of a pipeline were answered");
        operation_->finished();
        operation_.reset();
    }
    if (failure) throw *failure;
    co_return results;
}

// Each statement's results end with a null pointer, a part with the answer to its end.
Task<std::vector<Result>> Pipeline::read_part(std::optional<PgError>& failure) {
    std::vector<Result> results;
    for (;;) {
        PGresult* raw = co_await impl_.next_result();
        if (raw == nullptr) {
            if (PQstatus(impl_.connection) == CONNECTION_BAD) impl_.throw_lost("waiting for an answer");
            continue;
        }
        Result result(raw);
        const auto status = PQresultStatus(raw);
        if (status == PGRES_PIPELINE_SYNC) break;
        if (status == PGRES_PIPELINE_ABORTED) continue;
        if (status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE) {
            if (!failure) failure = error_from(raw, impl_.asked);
            if (PQstatus(impl_.connection) == CONNECTION_BAD) {
                impl_.broken = true;
                throw *failure;
            }
        } else {
            results.push_back(std::move(result));
        }
    }
    --unanswered_;
    impl_.asked = Clock::now();
    co_return results;
}

}  // namespace pgwraith::postgres
