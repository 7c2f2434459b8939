// The template of Pool::run, kept out of sight of async.h.
#pragma once

namespace pgwraith {

template <typename Work>
auto Pool::run(Work work) -> Task<std::invoke_result_t<Work>> {
    using Value = std::invoke_result_t<Work>;
    std::exception_ptr failure;
    if constexpr (std::is_void_v<Value>) {
        co_await run_function([&] {
            try {
                work();
            } catch (...) {
                failure = std::current_exception();
            }
        });
        if (failure) std::rethrow_exception(failure);
    } else {
        std::optional<Value> value;
        co_await run_function([&] {
            try {
                value.emplace(work());
            } catch (...) {
                failure = std::current_exception();
            }
        });
        if (failure) std::rethrow_exception(failure);
        co_return std::move(*value);
    }
}

}  // namespace pgwraith
