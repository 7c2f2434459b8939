// What a log line says beside its message, for those who read the log as JSON.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace pgwraith {

// In force for the lines that this thread logs while it lives. Never across a co_await.
class LogFields {
  public:
    using List = std::vector<std::pair<std::string, std::string>>;

    LogFields(std::initializer_list<std::pair<std::string, std::string>> fields) : before_(now()) {
        now().insert(now().end(), fields.begin(), fields.end());
    }
    ~LogFields() { now() = std::move(before_); }
    LogFields(const LogFields&) = delete;
    LogFields& operator=(const LogFields&) = delete;

    static List& now() {
        thread_local List fields;
        return fields;
    }

  private:
    List before_;
};

}  // namespace pgwraith
