// Asks a running process for its status until it is gone.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>

#include "interrupt.h"
#include "target.h"

namespace pgwraith::cli {

class Poll {
  public:
    explicit Poll(const Target& target)
        : client_(target.client()), patience_(target.settings() != nullptr ? nearby : elsewhere) {}

    // nullopt: it is gone. Throws Error when it is there and does not answer for long: one that is busy, or ends in the
    // middle of an answer, may leave some questions unanswered, and so may a network.
    std::optional<nlohmann::json> next() {
        int refused = 0;
        for (int unanswered = 0;;) {
            try {
                return client_.status();
            } catch (const control::NotRunning&) {
                if (++refused > patience_.refused) return std::nullopt;
            } catch (const Error&) {
                if (++unanswered > patience_.unanswered) throw;
            }
            sleep_unless_interrupted(patience_.pause);
        }
    }

  private:
    struct Patience {
        int refused;
        int unanswered;
        milliseconds pause;
    };
    static constexpr Patience nearby{0, 10, milliseconds{100}};
    static constexpr Patience elsewhere{2, 30, milliseconds{500}};

    const control::Client& client_;
    Patience patience_;
};

}  // namespace pgwraith::cli
