#pragma once

#include <cstdlib>
#include <string>

#include <gtest/gtest.h>

#include "pgwraith/base/error.h"
#include "pgwraith/config/settings.h"

namespace pgwraith::config {

// The settings of a file that has `rest` below its table.
inline Settings settings_with(const std::string& rest) { return parse("table: app.t\n" + rest, "/etc/m/f.yaml"); }

// What a file that must not be accepted is told.
inline std::string refusal(const std::string& text) {
    try {
        parse(text, "f.yaml");
        return "(accepted)";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::usage);
        return error.message();
    }
}

// The same for a file that has `rest` from its second line on.
inline std::string refusal_of(const std::string& rest) { return refusal("table: app.t\n" + rest); }

// An environment variable for the length of a scope.
class Variable {
  public:
    Variable(const char* name, const char* value) : name_(name) { setenv(name, value, 1); }
    ~Variable() { unsetenv(name_); }
    Variable(const Variable&) = delete;
    Variable& operator=(const Variable&) = delete;

  private:
    const char* name_;
};

}  // namespace pgwraith::config
