// A file that somebody puts there to hold the work back.
#include <fmt/format.h>

#include <filesystem>

#include "all_signals.h"

namespace pgwraith::throttle {

namespace {

class FlagFile : public Signal {
  public:
    explicit FlagFile(const Surroundings& around) : limits_(around.settings.throttle) {}

    const char* name() const override { return "flag_file"; }
    const char* unit() const override { return ""; }
    bool wanted() const override { return !limits_.flag_file.empty(); }

    Task<void> read(postgres::Connection&) override {
        std::error_code failure;
        there_ = std::filesystem::exists(limits_.flag_file, failure);
        if (failure) {
            throw Error(ErrorKind::stopped, fmt::format("{}: {}", limits_.flag_file.string(), failure.message()), "");
        }
        co_return;
    }

    Reading reading(Clock::time_point) const override {
        return {std::nullopt, std::nullopt, fmt::format("the file {} is there", limits_.flag_file.string()), there_};
    }

  private:
    const config::Throttle& limits_;
    bool there_ = false;
};

}  // namespace

std::unique_ptr<Signal> flag_file(const Surroundings& around) { return std::make_unique<FlagFile>(around); }

}  // namespace pgwraith::throttle
